package tenant

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Attach returns a business's file with the documents that its `file:` fields
// name, read by read, put at its end, so that the lines of the rest stay what
// they are. A file that [Parse] would refuse is returned as it is.
func Attach(b []byte, read func(name string) ([]byte, error)) ([]byte, error) {
	root, problem := readTree(b)
	if problem != nil || root.Kind != yaml.MappingNode {
		return b, nil
	}
	names := named(root)
	if len(names) == 0 {
		return b, nil
	}
	files := map[string]string{}
	for _, name := range names {
		data, err := read(name)
		if err != nil {
			return nil, fmt.Errorf("read %s, which the file names: %w", name, err)
		}
		files[name] = base64.StdEncoding.EncodeToString(data)
	}
	section, err := json.Marshal(files)
	if err != nil {
		return nil, fmt.Errorf("attach documents: %w", err)
	}
	text := bytes.TrimRight(b, " \t\r\n")
	if root.Style&yaml.FlowStyle != 0 || bytes.HasSuffix(text, []byte("}")) && bytes.HasPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte("{")) {
		text = bytes.TrimRight(bytes.TrimSuffix(text, []byte("}")), ", \t\r\n")
		return slices.Concat(text, []byte(`, "files": `), section, []byte("}\n")), nil
	}
	return slices.Concat(b, []byte("\nfiles: "), section, []byte("\n")), nil
}

// named returns the documents that the articles name, each once.
func named(root *yaml.Node) []string {
	var out []string
	for _, article := range items(root, "knowledge") {
		for i := 0; i+1 < len(article.Content) && article.Kind == yaml.MappingNode; i += 2 {
			name := strings.TrimSpace(article.Content[i+1].Value)
			if article.Content[i].Value == "file" && name != "" && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

func items(root *yaml.Node, section string) []*yaml.Node {
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == section && root.Content[i+1].Kind == yaml.SequenceNode {
			return root.Content[i+1].Content
		}
	}
	return nil
}
