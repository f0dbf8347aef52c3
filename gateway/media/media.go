package media

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"frontdesk/ingest"
)

// Errors of this package that callers branch on.
var (
	// ErrNotFound is given for a file that the tenant does not have.
	ErrNotFound = errors.New("file not found")
	// ErrUnsupported is given for a file that no provider takes.
	ErrUnsupported = errors.New("files of this kind cannot be sent")
	// ErrTooLarge is given for a file beyond the bound of its kind.
	ErrTooLarge = errors.New("the file is too large for its kind")
	// ErrQuota is given for a file beyond [MostBytes].
	ErrQuota = errors.New("the files of the business take all the room that it has")
	// ErrGone is given for a file of a message that the provider does not have any
	// more.
	ErrGone = errors.New("the provider does not have the file any more")
)

// Prefix leads the ids of files.
const Prefix = "med_"

// MaxBytes is the size of the largest file that is kept.
const MaxBytes = 16 << 20

// MostBytes is how much room the files of one business may take, all together.
// Each counts for leastBytes at least. Uploads at the same time may go beyond it
// by a few files.
const (
	MostBytes  = 2 << 30
	leastBytes = 64 << 10
)

// maxName bounds the name of a file, in characters.
const maxName = 240

// File is a file without its bytes.
type File struct {
	ID        string
	Message   ingest.MessageID // that it came with; empty: uploaded
	Position  int              // among the message's files, from 0
	Kind      ingest.ContentType
	MIME      string // by its bytes
	Filename  string
	Bytes     int
	SHA256    string // in hex
	Test      bool
	CreatedAt time.Time
}

// kinds are the files that providers take, by what they are.
var kinds = map[string]ingest.ContentType{
	"image/jpeg": ingest.Image, "image/png": ingest.Image, "image/gif": ingest.Image, "image/webp": ingest.Sticker,
	"audio/aac": ingest.Audio, "audio/amr": ingest.Audio, "audio/mpeg": ingest.Audio, "audio/mp4": ingest.Audio, "audio/ogg": ingest.Audio,
	"video/mp4": ingest.Video, "video/3gpp": ingest.Video,
	"application/pdf": ingest.Document, "text/plain": ingest.Document, "application/msword": ingest.Document,
	officePrefix + "wordprocessingml.document":   ingest.Document,
	officePrefix + "spreadsheetml.sheet":         ingest.Document,
	officePrefix + "presentationml.presentation": ingest.Document,
}

const officePrefix = "application/vnd.openxmlformats-officedocument."

// limits are Meta's, but for documents, of which Meta takes more than is kept.
var limits = map[ingest.ContentType]int{
	ingest.Image: 5 << 20, ingest.Sticker: 500 << 10, ingest.Audio: 16 << 20, ingest.Video: 16 << 20, ingest.Document: MaxBytes,
}

// New returns what body is, or ErrUnsupported or ErrTooLarge. An empty body is
// unsupported.
func New(filename string, body []byte) (File, error) {
	f := File{MIME: Sniff(body), Filename: cleanName(filename), Bytes: len(body)}
	var ok bool
	if f.Kind, ok = kinds[f.MIME]; !ok || len(body) == 0 {
		return f, ErrUnsupported
	}
	if len(body) > limits[f.Kind] {
		return f, ErrTooLarge
	}
	sum := sha256.Sum256(body)
	f.SHA256 = hex.EncodeToString(sum[:])
	return f, nil
}

// Received is [New] for a file that somebody sent: whatever it is, it is kept, as
// long as it is not too large.
func Received(filename string, body []byte) (File, error) {
	f, err := New(filename, body)
	if errors.Is(err, ErrUnsupported) && len(body) > 0 || errors.Is(err, ErrTooLarge) && len(body) <= MaxBytes {
		sum := sha256.Sum256(body)
		f.SHA256, err = hex.EncodeToString(sum[:]), nil
		if f.Kind == "" {
			f.Kind, f.MIME = ingest.Document, "application/octet-stream"
		}
	}
	return f, err
}

// cleanName keeps the last part of a path, without what a header or a file
// system would take amiss.
func cleanName(s string) string {
	if i := strings.LastIndexAny(s, `/\`); i >= 0 {
		s = s[i+1:]
	}
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError || strings.ContainsRune(`"*:<>?|`, r) {
			return -1
		}
		return r
	}, s)
	s = strings.Trim(s, " .")
	if r := []rune(s); len(r) > maxName {
		s = string(r[len(r)-maxName:])
	}
	return s
}

// signatures are the beginnings of files that the standard library does not know,
// or names otherwise.
var signatures = []struct {
	at   int
	mark string
	mime string
}{
	{0, "#!AMR", "audio/amr"}, {0, "OggS", "audio/ogg"}, {0, "\xff\xf1", "audio/aac"}, {0, "\xff\xf9", "audio/aac"},
	{0, "ID3", "audio/mpeg"}, {0, "\xff\xfb", "audio/mpeg"}, {0, "\xff\xf3", "audio/mpeg"}, {0, "\xff\xf2", "audio/mpeg"},
	{4, "ftypM4A", "audio/mp4"}, {4, "ftyp3gp", "video/3gpp"}, {4, "ftyp3g2", "video/3gpp"}, {4, "ftyp", "video/mp4"},
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"},
}

// Sniff returns what body is by its first bytes; application/octet-stream for
// what it does not know.
func Sniff(body []byte) string {
	for _, s := range signatures {
		if len(body) > s.at && bytes.HasPrefix(body[s.at:], []byte(s.mark)) {
			return s.mime
		}
	}
	mime, _, _ := strings.Cut(http.DetectContentType(body), ";")
	if mime == "application/zip" {
		return office(body)
	}
	return mime
}

// office tells the documents that are ZIP archives apart by the folders in them.
func office(body []byte) string {
	for folder, kind := range map[string]string{"word/": "wordprocessingml.document", "xl/": "spreadsheetml.sheet", "ppt/": "presentationml.presentation"} {
		if bytes.Contains(body, []byte(folder)) && bytes.Contains(body, []byte("[Content_Types].xml")) {
			return officePrefix + kind
		}
	}
	return "application/zip"
}

// Sendable reports, as ErrUnsupported or ErrTooLarge, a file that cannot be sent
// as typ on WhatsApp, or else by MMS.
func (f File) Sendable(typ ingest.ContentType, whatsapp bool) error {
	switch {
	case !whatsapp && f.Bytes > maxMMS:
		return ErrTooLarge
	case !whatsapp, typ == ingest.Document:
		return nil
	case f.Kind != typ, f.MIME == "image/gif":
		return ErrUnsupported
	}
	return nil
}

// maxMMS is the most that Twilio takes of a message's files.
const maxMMS = 5 << 20
