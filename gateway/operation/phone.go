package operation

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Phone reads a phone number as people write it and returns it in E.164.
// Numbers without a country code are taken as numbers of the country of home,
// the business's own number, if that is known.
func Phone(s, home string) (string, error) {
	region := ""
	if own, err := phonenumbers.Parse(home, ""); err == nil {
		region = phonenumbers.GetRegionCodeForNumber(own)
	}
	s = strings.TrimSpace(s)
	n, err := phonenumbers.Parse(s, region)
	if err != nil || len(s) > 40 || !phonenumbers.IsPossibleNumber(n) || n.GetExtension() != "" {
		return "", &InvalidError{"to", "a phone number in international form is expected, such as +5012279446"}
	}
	return phonenumbers.Format(n, phonenumbers.E164), nil
}
