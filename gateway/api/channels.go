package api

import (
	"context"
	"time"

	"frontdesk/gateway/operation"
	"frontdesk/gateway/provider"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

type channelResponse struct {
	ID            string     `json:"id" example:"chn_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Type          string     `json:"type" enum:"whatsapp,twilio"`
	Name          string     `json:"name" example:"main"`
	Phone         string     `json:"phone,omitempty"`
	PhoneNumberID string     `json:"phone_number_id,omitempty" doc:"Of WhatsApp."`
	WABAID        string     `json:"waba_id,omitempty" doc:"Of WhatsApp."`
	AccountSID    string     `json:"account_sid,omitempty" doc:"Of Twilio."`
	Sender        string     `json:"sender,omitempty" doc:"Of Twilio: the number, whatsapp: with the number, or a messaging service."`
	APIVersion    string     `json:"api_version,omitempty"`
	RatePerSecond int        `json:"rate_per_second,omitempty"`
	MarkRead      bool       `json:"mark_read"`
	Simulated     bool       `json:"simulated" doc:"It has no credentials of a provider: the simulator serves it."`
	Status        string     `json:"status" enum:"active,down" doc:"down: the provider refuses its credentials or account, and messages wait."`
	DownSince     *time.Time `json:"down_since,omitempty"`
	DownCode      string     `json:"down_code,omitempty" doc:"In the provider's words."`
	CreatedAt     time.Time  `json:"created_at"`
	UpdatedAt     time.Time  `json:"updated_at"`
}

func toChannel(c operation.Channel) channelResponse {
	out := channelResponse{
		ID: string(c.ID), Type: c.Type, Name: c.Name, Phone: c.Phone, APIVersion: c.APIVersion, RatePerSecond: c.RatePerSecond, MarkRead: c.MarkRead,
		Simulated: c.Simulated, Status: "active", DownSince: orNil(c.DownSince), DownCode: c.DownCode, CreatedAt: c.CreatedAt.UTC(), UpdatedAt: c.UpdatedAt.UTC(),
	}
	if out.DownSince != nil {
		out.Status = "down"
	}
	if c.Type == provider.WhatsApp {
		out.PhoneNumberID, out.WABAID = c.Ref, c.Account
	} else {
		out.AccountSID, out.Sender = c.Account, c.Ref
	}
	return out
}

// channelFields are what may be left out of a new channel or a change.
type channelFields struct {
	Phone               *string `json:"phone" maxLength:"20" example:"+15555550100"`
	PhoneNumberID       *string `json:"phone_number_id" maxLength:"20" doc:"WhatsApp."`
	WABAID              *string `json:"waba_id" maxLength:"20" doc:"WhatsApp."`
	AccessToken         *string `json:"access_token" maxLength:"2000" doc:"WhatsApp. Kept sealed and never shown; so are the other secrets."`
	AppSecret           *string `json:"app_secret" maxLength:"500" doc:"WhatsApp."`
	VerifyToken         *string `json:"verify_token" maxLength:"500" doc:"WhatsApp."`
	APIVersion          *string `json:"api_version" maxLength:"10" doc:"WhatsApp; of the Graph API." example:"v25.0"`
	MarkRead            *bool   `json:"mark_read" doc:"WhatsApp: show contacts that their messages were read."`
	AccountSID          *string `json:"account_sid" maxLength:"64" doc:"Twilio."`
	AuthToken           *string `json:"auth_token" maxLength:"500" doc:"Twilio."`
	Network             *string `json:"network" enum:"sms,whatsapp" doc:"Twilio; sms, if left out."`
	MessagingServiceSID *string `json:"messaging_service_sid" maxLength:"64" doc:"Twilio; instead of a number."`
	RatePerSecond       *int    `json:"rate_per_second" min:"1" max:"10000" doc:"Messages; the provider's usual rate, if left out."`
}

// given returns the fields that are there by their names in a business's file.
func (f channelFields) given() map[string]any {
	out := map[string]any{}
	for name, v := range map[string]*string{
		"phone": f.Phone, "phone_number_id": f.PhoneNumberID, "waba_id": f.WABAID, "access_token": f.AccessToken, "app_secret": f.AppSecret,
		"verify_token": f.VerifyToken, "api_version": f.APIVersion, "account_sid": f.AccountSID, "auth_token": f.AuthToken, "network": f.Network,
		"messaging_service_sid": f.MessagingServiceSID,
	} {
		if v != nil {
			out[name] = *v
		}
	}
	if f.MarkRead != nil {
		out["mark_read"] = *f.MarkRead
	}
	if f.RatePerSecond != nil {
		out["rate_per_second"] = *f.RatePerSecond
	}
	return out
}

type createChannelRequest struct {
	Type string `json:"type" required:"true" enum:"whatsapp,twilio"`
	Name string `json:"name" required:"true" maxLength:"100" doc:"It stays." example:"support"`
	channelFields
}

type updateChannelRequest struct {
	ID string `json:"-" path:"id" maxLength:"64"`
	channelFields
}

type channelTestResponse struct {
	Simulated bool   `json:"simulated" doc:"There is no provider to ask."`
	Status    string `json:"status,omitempty" doc:"Of the number or account, in the provider's words." example:"connected"`
	Quality   string `json:"quality,omitempty" doc:"Of a WhatsApp number: green, yellow or red." example:"green"`
	Name      string `json:"verified_name,omitempty"`
}

func channelRoutes(ops *operation.Operations) []Route {
	const read, write, tag = "channels:read", "channels:write", "Channels"
	return []Route{
		BindAll(Route{Method: "GET", Path: "/v1/channels", ID: "listChannels", Tag: tag, Scope: read, Summary: "List channels, oldest first"},
			func(ctx context.Context, c tenant.Caller, _ struct{}) ([]channelResponse, error) {
				all, err := ops.Channels(ctx, c)
				return each(all, toChannel), err
			}),
		Bind(Route{Method: "POST", Path: "/v1/channels", ID: "createChannel", Tag: tag, Scope: write, Status: 201, Faults: []string{"channel_exists", "address_taken"},
			Summary: "Add a channel", Doc: "With all credentials of its provider, or with none: then the simulator serves it, and its number must be one for fiction (+1 ... 555 0100 to 0199)."},
			func(ctx context.Context, c tenant.Caller, in createChannelRequest) (channelResponse, error) {
				fields := in.given()
				fields["type"], fields["name"] = in.Type, in.Name
				got, err := ops.CreateChannel(ctx, c, fields)
				return toChannel(got), err
			}),
		Bind(Route{Method: "GET", Path: "/v1/channels/{id}", ID: "getChannel", Tag: tag, Scope: read, Summary: "Get a channel"},
			func(ctx context.Context, c tenant.Caller, in byID) (channelResponse, error) {
				got, err := ops.Channel(ctx, c, ingest.ChannelID(in.ID))
				return toChannel(got), err
			}),
		Bind(Route{Method: "PATCH", Path: "/v1/channels/{id}", ID: "updateChannel", Tag: tag, Scope: write, Faults: []string{"address_taken"}, Summary: "Change a channel",
			Doc: "What is left out stays as it is, secrets too. New credentials are used at once."},
			func(ctx context.Context, c tenant.Caller, in updateChannelRequest) (channelResponse, error) {
				got, err := ops.UpdateChannel(ctx, c, ingest.ChannelID(in.ID), in.given())
				return toChannel(got), err
			}),
		Bind(Route{Method: "DELETE", Path: "/v1/channels/{id}", ID: "removeChannel", Tag: tag, Scope: write, Status: 204, Summary: "Take a channel out of use", Doc: "Its conversations and messages stay; its secrets are erased."},
			func(ctx context.Context, c tenant.Caller, in byID) (none, error) {
				return none{}, ops.RemoveChannel(ctx, c, ingest.ChannelID(in.ID))
			}),
		Bind(Route{Method: "POST", Path: "/v1/channels/{id}/test", ID: "testChannel", Tag: tag, Scope: write, Timeout: 30 * time.Second,
			Faults: []string{"provider_refused", "provider_unavailable", "channel_down"}, Summary: "Try a channel's credentials", Doc: "Asks the provider; nothing is sent or changed."},
			func(ctx context.Context, c tenant.Caller, in byID) (channelTestResponse, error) {
				got, err := ops.TestChannel(ctx, c, ingest.ChannelID(in.ID))
				return channelTestResponse{got.Simulated, got.Status, got.Quality, got.Name}, err
			}),
	}
}
