package api

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/valyala/fasthttp"

	"frontdesk/gateway/edge"
	"frontdesk/gateway/media"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// upload is the file of a form.
type upload struct {
	name string
	body []byte
}

// download is an answer that is a file.
type download struct {
	file media.File
	body []byte
}

// write answers with the file: as an attachment, by the type that its bytes show,
// which no browser may take for another.
func (d download) write(req *fasthttp.RequestCtx) {
	h := &req.Response.Header
	h.SetContentType(d.file.MIME)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, max-age=300")
	disposition := mime.FormatMediaType("attachment", map[string]string{"filename": d.file.Filename})
	if d.file.Filename == "" || disposition == "" {
		disposition = "attachment"
	}
	h.Set("Content-Disposition", disposition)
	req.SetStatusCode(http.StatusOK)
	req.Response.SetBodyRaw(d.body)
}

// decodeForm fills in the file of a request that is a form.
func decodeForm(req *fasthttp.RequestCtx, to *upload) error {
	body, err := edge.Body(req)
	if err != nil {
		return err
	}
	if to.name, to.body, err = media.Form(string(req.Request.Header.ContentType()), body); err != nil {
		return &edge.Fault{Status: http.StatusUnsupportedMediaType, Code: "unsupported_media_type", Refused: true,
			Detail: "send the file as multipart/form-data, in one part named file"}
	}
	return nil
}

type uploadMediaRequest struct {
	File upload `json:"file" required:"true" doc:"What it is, its bytes tell; its name is kept."`
}

func (in *uploadMediaRequest) form() *upload { return &in.File }

type storedMediaResponse struct {
	ID        string    `json:"id" example:"med_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Kind      string    `json:"kind" enum:"image,audio,video,document,sticker" doc:"The type of message that it can be sent as; anything can be sent as a document."`
	MIMEType  string    `json:"mime_type" doc:"By its bytes." example:"image/png"`
	Filename  string    `json:"filename,omitempty"`
	Bytes     int       `json:"bytes"`
	SHA256    string    `json:"sha256" doc:"In hex."`
	MessageID string    `json:"message_id,omitempty" doc:"The message that it came with; left out of an upload."`
	Test      bool      `json:"test"`
	CreatedAt time.Time `json:"created_at"`
}

func toMedia(f media.File) storedMediaResponse {
	return storedMediaResponse{f.ID, string(f.Kind), f.MIME, f.Filename, f.Bytes, f.SHA256, string(f.Message), f.Test, f.CreatedAt.UTC()}
}

type messageFile struct {
	ID       string `json:"-" path:"id" maxLength:"64"`
	Position string `json:"-" path:"position" maxLength:"64" doc:"Among the message's media, from 0." example:"0"`
}

// maxFormBytes is a file and what a form has around it.
const maxFormBytes = media.MaxBytes + 64<<10

// filesAtOnce bounds how many files a route has in memory: about 50 MB each on
// their way in, 16 MB on their way out.
const filesAtOnce = 8

func mediaRoutes(ops *operation.Operations) []Route {
	const read, write, tag = "media:read", "media:write", "Media"
	return []Route{
		Bind(Route{Method: "POST", Path: "/v1/media", ID: "uploadMedia", Tag: tag, Scope: write, Status: 201, Class: tenant.Bulk, MaxBodyBytes: maxFormBytes, Timeout: time.Minute, AtOnce: filesAtOnce,
			Faults: []string{"unsupported_media", "media_too_large", "media_quota"}, Summary: "Upload a file to send",
			Doc: "As multipart/form-data with one part named file. Pictures up to 5 MB (JPEG, PNG), stickers up to 500 KB (WebP), sound, film and documents up to 16 MB. All files of a business together may take 2 GB; each counts for 64 KB at least. Send it by its id in media[].id."},
			func(ctx context.Context, c tenant.Caller, in uploadMediaRequest) (storedMediaResponse, error) {
				f, err := ops.UploadMedia(ctx, c, in.File.name, in.File.body)
				return toMedia(f), err
			}),
		BindList(Route{Method: "GET", Path: "/v1/media", ID: "listMedia", Tag: tag, Scope: read, Summary: "List files, newest first"},
			func(ctx context.Context, c tenant.Caller, in struct{ paging }) (page[storedMediaResponse], error) {
				p, err := ops.MediaList(ctx, c, in.Limit, in.Cursor)
				return pageOf(p, toMedia), err
			}),
		Bind(Route{Method: "GET", Path: "/v1/media/{id}", ID: "getMedia", Tag: tag, Scope: read, Summary: "Get what is known of a file"},
			func(ctx context.Context, c tenant.Caller, in byID) (storedMediaResponse, error) {
				f, err := ops.Media(ctx, c, in.ID)
				return toMedia(f), err
			}),
		Bind(Route{Method: "GET", Path: "/v1/media/{id}/content", ID: "downloadMedia", Tag: tag, Scope: read, Timeout: time.Minute, AtOnce: filesAtOnce, Summary: "Download a file"},
			func(ctx context.Context, c tenant.Caller, in byID) (download, error) {
				f, body, err := ops.MediaContent(ctx, c, in.ID)
				return download{f, body}, err
			}),
		Bind(Route{Method: "DELETE", Path: "/v1/media/{id}", ID: "deleteMedia", Tag: tag, Scope: write, Status: 204, Summary: "Delete a file",
			Doc: "A provider that has not fetched it yet cannot any more."},
			func(ctx context.Context, c tenant.Caller, in byID) (none, error) {
				return none{}, ops.DeleteMedia(ctx, c, in.ID)
			}),
		Bind(Route{Method: "GET", Path: "/v1/messages/{id}/media/{position}", ID: "downloadMessageMedia", Tag: tag, Scope: "messages:read", Timeout: time.Minute, AtOnce: filesAtOnce,
			Faults: []string{"media_gone", "media_too_large", "provider_unavailable"}, Summary: "Download a file that a contact sent",
			Doc: "It is fetched from the provider the first time, and kept. A provider keeps it for a few days."},
			func(ctx context.Context, c tenant.Caller, in messageFile) (download, error) {
				n, err := strconv.Atoi(in.Position)
				if err != nil {
					n = -1 // there is none
				}
				f, body, err := ops.MessageMedia(ctx, c, ingest.MessageID(in.ID), n)
				return download{f, body}, err
			}),
	}
}

// MediaLinkRoute serves files to whoever has an address that was given out.
func MediaLinkRoute(ops *operation.Operations) edge.Route {
	return edge.Route{
		Method: http.MethodGet, Path: media.LinkPath + "/{tenant}/{id}", Timeout: time.Minute, AtOnce: filesAtOnce,
		Handler: func(ctx context.Context, req *fasthttp.RequestCtx) error {
			query := req.QueryArgs()
			f, body, err := ops.LinkedMedia(ctx, ingest.TenantID(edge.Param(req, "tenant")), edge.Param(req, "id"), string(query.Peek("until")), string(query.Peek("tag")))
			if errors.Is(err, media.ErrNotFound) {
				return &edge.Fault{Status: http.StatusNotFound, Code: "not_found", Detail: "there is no such file, or its address has ended"}
			}
			if err == nil {
				download{f, body}.write(req)
			}
			return err
		},
	}
}
