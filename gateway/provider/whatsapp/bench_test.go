package whatsapp

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func BenchmarkParse(b *testing.B) {
	one, err := os.ReadFile("testdata/samples/inbound_text.json")
	if err != nil {
		b.Fatal(err)
	}
	bodies := map[string][]byte{"sample_indented": one}
	for _, n := range []int{1, 10, 1000} {
		messages := make([]string, n)
		for i := range messages {
			messages[i] = strings.Replace(before, "wamid.A", fmt.Sprintf("wamid.HBgLMTU1NTU1NTAxNDIVAgASGBQ4QTdB%08d", i), 1)
		}
		bodies[fmt.Sprintf("updates=%d", n)] = []byte(withMessages(messages...))
	}
	for name, body := range bodies {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if _, err := Parse(body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
