package whatsapp

import (
	"github.com/go-json-experiment/json/jsontext"
)

// The wire types hold what Meta documents. A field may be absent anywhere.

type wireBody struct {
	Object string      `json:"object"`
	Entry  []wireEntry `json:"entry"`
}

type wireEntry struct {
	ID      scalar       `json:"id"`
	Time    scalar       `json:"time"`
	Changes []wireChange `json:"changes"`
}

type wireChange struct {
	Field string    `json:"field"`
	Value wireValue `json:"value"`
}

type wireValue struct {
	Metadata wireMetadata   `json:"metadata"`
	Contacts []wireContact  `json:"contacts"`
	Messages []wireMessage  `json:"messages"`
	Statuses []wireStatus   `json:"statuses"`
	Errors   jsontext.Value `json:"errors"`
}

type wireMetadata struct {
	PhoneNumberID      scalar `json:"phone_number_id"`
	DisplayPhoneNumber scalar `json:"display_phone_number"`
}

type wireContact struct {
	Profile struct {
		Name     string `json:"name"`
		Username string `json:"username"`
	} `json:"profile"`
	WaID         scalar `json:"wa_id"`
	UserID       scalar `json:"user_id"`
	ParentUserID scalar `json:"parent_user_id"`
}

type wireMessage struct {
	wireEnvelope
	Context     *wireContext     `json:"context"`
	Text        *wireText        `json:"text"`
	Image       *wireMedia       `json:"image"`
	Audio       *wireMedia       `json:"audio"`
	Video       *wireMedia       `json:"video"`
	Document    *wireMedia       `json:"document"`
	Sticker     *wireMedia       `json:"sticker"`
	Location    *wireLocation    `json:"location"`
	Contacts    jsontext.Value   `json:"contacts"`
	Reaction    *wireReaction    `json:"reaction"`
	Button      *wireButton      `json:"button"`
	Interactive *wireInteractive `json:"interactive"`
	Order       jsontext.Value   `json:"order"`
	System      *wireSystem      `json:"system"`
	Edit        *wireOriginal    `json:"edit"`
	Revoke      *wireOriginal    `json:"revoke"`
	Errors      []wireError      `json:"errors"`
	Referral    jsontext.Value   `json:"referral"`
}

// wireEnvelope is what says whose message it is; it is read alone where the
// rest cannot be.
type wireEnvelope struct {
	ID               scalar `json:"id"`
	From             scalar `json:"from"`
	FromUserID       scalar `json:"from_user_id"`
	FromParentUserID scalar `json:"from_parent_user_id"`
	Timestamp        scalar `json:"timestamp"`
	Type             scalar `json:"type"`
	GroupID          scalar `json:"group_id"`
	Test             truth  `json:"frontdesk_test"`
}

type wireContext struct {
	ID                  scalar         `json:"id"`
	Forwarded           truth          `json:"forwarded"`
	FrequentlyForwarded truth          `json:"frequently_forwarded"`
	ReferredProduct     jsontext.Value `json:"referred_product"`
}

type wireText struct {
	Body string `json:"body"`
}

type wireMedia struct {
	ID       scalar `json:"id"`
	URL      string `json:"url"`
	Caption  string `json:"caption"`
	MIME     string `json:"mime_type"`
	SHA256   string `json:"sha256"`
	Filename string `json:"filename"`
	Voice    bool   `json:"voice"`
	Animated bool   `json:"animated"`
}

type wireLocation struct {
	Latitude  scalar `json:"latitude"`
	Longitude scalar `json:"longitude"`
	Name      string `json:"name"`
	Address   string `json:"address"`
	URL       string `json:"url"`
}

type wireReaction struct {
	MessageID scalar `json:"message_id"`
	Emoji     string `json:"emoji"`
}

type wireButton struct {
	Payload string `json:"payload"`
	Text    string `json:"text"`
}

type wireInteractive struct {
	Type           string         `json:"type"`
	ButtonReply    *wireChoice    `json:"button_reply"`
	ListReply      *wireChoice    `json:"list_reply"`
	FlowReply      *wireFlowReply `json:"nfm_reply"`
	CallPermission jsontext.Value `json:"call_permission_reply"`
	Product        jsontext.Value `json:"product"`
}

type wireChoice struct {
	ID          scalar `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description"`
}

type wireFlowReply struct {
	Name         string `json:"name"`
	Body         string `json:"body"`
	ResponseJSON string `json:"response_json"`
}

type wireSystem struct {
	Body                 string `json:"body"`
	Type                 string `json:"type"`
	WaID                 scalar `json:"wa_id"`
	NewWaID              scalar `json:"new_wa_id"` // before v12
	Customer             scalar `json:"customer"`  // the old wa_id, before 2026
	UserID               scalar `json:"user_id"`
	PreviousUserID       scalar `json:"previous_user_id"`
	ParentUserID         scalar `json:"parent_user_id"`
	PreviousParentUserID scalar `json:"previous_parent_user_id"`
}

type wireOriginal struct {
	MessageID scalar `json:"original_message_id"`
}

type wireError struct {
	Code      scalar `json:"code"`
	Title     string `json:"title"`
	Message   string `json:"message"`
	Details   string `json:"details"` // before v16
	ErrorData struct {
		Details string `json:"details"`
	} `json:"error_data"`
}

type wireStatus struct {
	ID                    scalar       `json:"id"`
	Status                string       `json:"status"`
	Timestamp             scalar       `json:"timestamp"`
	RecipientID           scalar       `json:"recipient_id"`
	RecipientUserID       scalar       `json:"recipient_user_id"`
	RecipientParentUserID scalar       `json:"recipient_parent_user_id"`
	ParentRecipientUserID scalar       `json:"parent_recipient_user_id"`
	RecipientType         string       `json:"recipient_type"`
	ParticipantID         scalar       `json:"recipient_participant_id"`
	CallbackData          string       `json:"biz_opaque_callback_data"`
	Pricing               *wirePricing `json:"pricing"`
	Errors                []wireError  `json:"errors"`
	Test                  truth        `json:"frontdesk_test"`
}

type wirePricing struct {
	Billable *bool  `json:"billable"`
	Model    string `json:"pricing_model"`
	Type     string `json:"type"`
	Category string `json:"category"`
}

type wirePreference struct {
	WaID         scalar `json:"wa_id"`
	UserID       scalar `json:"user_id"`
	ParentUserID scalar `json:"parent_user_id"`
	Category     string `json:"category"`
	Value        string `json:"value"`
	Timestamp    scalar `json:"timestamp"`
	Test         truth  `json:"frontdesk_test"`
}

// scalar is a string, or the characters of a number: Meta writes ids, codes
// and times both ways. Anything else is the empty scalar.
type scalar string

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (s *scalar) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if kind := dec.PeekKind(); kind == jsontext.KindBeginObject || kind == jsontext.KindBeginArray {
		*s = ""
		return dec.SkipValue()
	}
	tok, err := dec.ReadToken()
	if err != nil {
		return err
	}
	*s = ""
	if k := tok.Kind(); k == jsontext.KindString || k == jsontext.KindNumber {
		*s = scalar(tok.String())
	}
	return nil
}

// truth is true for true and false for everything else.
type truth bool

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (f *truth) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*f = dec.PeekKind() == jsontext.KindTrue
	return dec.SkipValue()
}
