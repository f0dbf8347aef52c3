package media

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
)

// ErrForm is given for a body that is no multipart form with one file.
var ErrForm = errors.New("a multipart form with one part named file is expected")

// Form reads the one file of a multipart form: its name and bytes. Other parts
// are refused. Every error is ErrForm.
func Form(contentType string, body []byte) (filename string, file []byte, err error) {
	typ, params, err := mime.ParseMediaType(contentType)
	if err != nil || typ != "multipart/form-data" || params["boundary"] == "" {
		return "", nil, ErrForm
	}
	form := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	found := false
	for {
		part, err := form.NextRawPart() // as it is: nothing decodes it
		if errors.Is(err, io.EOF) && found {
			return filename, file, nil
		}
		if err != nil || found || part.FormName() != "file" {
			return "", nil, ErrForm
		}
		if file, err = io.ReadAll(part); err != nil {
			return "", nil, ErrForm
		}
		filename, found = part.FileName(), true
	}
}
