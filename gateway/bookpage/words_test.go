package bookpage

import (
	"reflect"
	"regexp"
	"slices"
	"testing"

	"frontdesk/gateway/tenant"
)

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

func TestEveryLanguageSaysAll(t *testing.T) {
	english := reflect.ValueOf(languages["en"])
	for code, w := range languages {
		v := reflect.ValueOf(w)
		for i := range v.NumField() {
			text, name := v.Field(i).String(), v.Type().Field(i).Name
			if text == "" {
				t.Errorf("%s says nothing for %s", code, name)
			}
			want, got := placeholder.FindAllString(english.Field(i).String(), -1), placeholder.FindAllString(text, -1)
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(want, got) {
				t.Errorf("%s has %v in %s, want %v", code, got, name, want)
			}
		}
		if w.Language != code {
			t.Errorf("%s calls itself %s", code, w.Language)
		}
	}
}

func TestChoose(t *testing.T) {
	for name, tt := range map[string]struct {
		business      []string
		asked, accept string
		want          string
	}{
		"as asked":                              {[]string{"en", "es"}, "es", "en", "es"},
		"asked for what the business is not in": {[]string{"en", "es"}, "de", "es", "es"},
		"the browser's":                         {[]string{"en", "es"}, "", "fr-FR, es-MX;q=0.8, en;q=0.5", "es"},
		"by weight":                             {[]string{"en", "es"}, "", "en;q=0.4, es;q=0.9", "es"},
		"the business's first":                  {[]string{"es", "en"}, "", "fr", "es"},
		"nothing is known":                      {nil, "", "", "en"},
		"a language that nobody translated":     {[]string{"kek", "es"}, "kek", "", "es"},
		"nonsense":                              {[]string{"en", "es"}, "", ";;q=,,es;q=x", "en"},
	} {
		if got := choose(tenant.Tenant{Languages: tt.business}, tt.asked, tt.accept).Language; got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

func FuzzChoose(f *testing.F) {
	f.Add("es", "es-MX;q=0.8, en")
	f.Fuzz(func(t *testing.T, asked, accept string) {
		if got := choose(tenant.Tenant{Languages: []string{"en", "es"}}, asked, accept).Language; got != "en" && got != "es" {
			t.Fatal(got)
		}
	})
}
