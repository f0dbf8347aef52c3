package boot

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// prefix begins the name of every variable.
const prefix = "FRONTDESK_"

// Load reads the environment of this process; see [Parse].
func Load() (Config, error) { return Parse(os.Environ()) }

// Parse reads environ, whose entries are NAME=value. A secret's variable may
// bear _FILE and name a file that holds it. An empty value is as none. The
// error lists every bad variable with what was expected of it, and quotes no
// secret.
func Parse(environ []string) (Config, error) {
	var c Config
	variables := env.ToMap(environ)
	for name, value := range variables {
		if value == "" {
			delete(variables, name)
		}
	}
	faults := readFiles(variables)
	err := env.ParseWithOptions(&c, env.Options{Environment: variables, Prefix: prefix})
	faults = append(faults, explain(err, variables)...)
	if len(faults) == 0 {
		faults = c.faults()
	}
	if len(faults) > 0 {
		return Config{}, errors.Join(faults...)
	}
	if c.PublicURL == "" {
		c.PublicURL = localURL(c.Listen)
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	return c, nil
}

// Variable is what can be said of one variable.
type Variable struct {
	Name    string // with FRONTDESK_
	Default string
	Expects string
	About   string
	Secret  bool // its value never shows, and _FILE may follow its name

	field string
}

// Variables returns all variables in the order of [Config].
func Variables() []Variable {
	var all []Variable
	for field := range reflect.TypeFor[Config]().Fields() {
		all = append(all, Variable{
			Name:    prefix + field.Tag.Get("env"),
			Default: field.Tag.Get("envDefault"),
			Expects: field.Tag.Get("expects"),
			About:   field.Tag.Get("about"),
			Secret:  slices.Contains(secrets, field.Type),
			field:   field.Name,
		})
	}
	return all
}

// Row returns the variable's row of the README's table.
func (v Variable) Row() string {
	value := "–"
	if v.Default != "" {
		value = "`" + v.Default + "`"
	}
	return fmt.Sprintf("| `%s` | %s | %s; %s |", strings.TrimPrefix(v.Name, prefix), value, v.Expects, v.About)
}

// secrets are the types whose variables may be given as files.
var secrets = []reflect.Type{reflect.TypeFor[Secret](), reflect.TypeFor[Key](), reflect.TypeFor[[]Key](), reflect.TypeFor[URL]()}

// readFiles fills in the variables that are given as files.
func readFiles(variables map[string]string) []error {
	var faults []error
	for _, v := range Variables() {
		path := variables[v.Name+"_FILE"]
		if !v.Secret || path == "" {
			continue
		}
		if variables[v.Name] != "" {
			faults = append(faults, fmt.Errorf("%s and %s_FILE are both set; expected one of them", v.Name, v.Name))
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s_FILE: expected a file that can be read: %w", v.Name, err))
			continue
		}
		variables[v.Name] = strings.TrimSpace(string(content))
	}
	return faults
}

// explain turns what the parser says, in the words of Go, into the variable's
// name and what was expected.
func explain(err error, variables map[string]string) []error {
	if err == nil {
		return nil
	}
	var all env.AggregateError
	if !errors.As(err, &all) {
		return []error{err}
	}
	var faults []error
	for _, err := range all.Errors {
		var parse env.ParseError
		if !errors.As(err, &parse) {
			faults = append(faults, err)
			continue
		}
		faults = append(faults, expected(parse.Name, variables))
	}
	return faults
}

// expected says what is wrong with the value of the variable behind field.
func expected(field string, variables map[string]string) error {
	all := Variables()
	v := all[slices.IndexFunc(all, func(v Variable) bool { return v.field == field })]
	if v.Secret {
		return fmt.Errorf("%s: expected %s", v.Name, v.Expects)
	}
	return fmt.Errorf("%s: expected %s, got %q", v.Name, v.Expects, variables[v.Name])
}

// faults returns what is wrong with values that could be read.
func (c Config) faults() []error {
	var faults []error
	check := func(field, value string, good bool) {
		if !good {
			faults = append(faults, expected(field, map[string]string{nameOf(field): value}))
		}
	}
	check("Listen", c.Listen, isAddress(c.Listen))
	check("InternalListen", c.InternalListen, isAddress(c.InternalListen))
	check("PublicURL", c.PublicURL, c.PublicURL == "" || isURL(c.PublicURL, "http", "https") && !strings.ContainsAny(c.PublicURL, "?#"))
	check("PostgresConns", strconv.Itoa(int(c.PostgresConns)), c.PostgresConns >= 4 && c.PostgresConns <= 1000)
	check("AuditDays", strconv.Itoa(c.AuditDays), c.AuditDays == 0 || c.AuditDays >= 30 && c.AuditDays <= 36500)
	for _, broker := range c.KafkaBrokers {
		check("KafkaBrokers", broker, isAddress(broker) && !strings.HasPrefix(broker, ":"))
	}
	check("PostgresURL", "", c.PostgresURL == "" || isURL(string(c.PostgresURL), "postgres", "postgresql"))
	check("ClickHouseURL", "", c.ClickHouseURL == "" || isURL(string(c.ClickHouseURL), "http", "https", "clickhouse"))
	check("AdminToken", "", c.AdminToken == "" || len(c.AdminToken) >= 16)
	for field, u := range map[string]URL{"MetaBaseURL": c.MetaBaseURL, "TwilioBaseURL": c.TwilioBaseURL, "EmbeddingsURL": c.EmbeddingsURL} {
		check(field, "", u == "" || isURL(string(u), "http", "https"))
	}
	for _, origin := range c.CORSOrigins {
		check("CORSOrigins", origin, origin == "*" || isURL(origin, "http", "https"))
	}
	check("LogFormat", c.LogFormat, slices.Contains([]string{"json", "text", "auto"}, c.LogFormat))
	check("DrainDelay", c.DrainDelay.String(), c.DrainDelay >= 0 && c.DrainDelay <= 5*time.Second)
	slices.SortFunc(faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return append(faults, c.missing()...)
}

// missing returns which variables the ones that are set call for.
func (c Config) missing() []error {
	var faults []error
	need := func(field, because string, there bool) {
		if !there {
			all := Variables()
			v := all[slices.IndexFunc(all, func(v Variable) bool { return v.field == field })]
			faults = append(faults, fmt.Errorf("%s: expected %s, as %s is set", v.Name, v.Expects, nameOf(because)))
		}
	}
	need("MasterKey", "PostgresURL", c.PostgresURL == "" || c.MasterKey != Key{})
	need("EmbeddingsModel", "EmbeddingsURL", c.EmbeddingsURL == "" || c.EmbeddingsModel != "")
	return faults
}

func nameOf(field string) string {
	f, _ := reflect.TypeFor[Config]().FieldByName(field)
	return prefix + f.Tag.Get("env")
}

func isAddress(s string) bool {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n <= 65535
}

func isURL(s string, schemes ...string) bool {
	u, err := url.Parse(s)
	return err == nil && slices.Contains(schemes, u.Scheme) && (u.Host != "" || u.Query().Has("host"))
}

// localURL returns how this machine reaches listen.
func localURL(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if ip, ipErr := netip.ParseAddr(host); err != nil || host == "" || ipErr == nil && (ip.IsUnspecified() || ip.IsLoopback()) {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// LogValue lists the variables with the values in force, but no secret.
func (c Config) LogValue() slog.Value {
	values := reflect.ValueOf(c)
	var attrs []slog.Attr
	for i, v := range Variables() {
		attrs = append(attrs, slog.String(v.Name, fmt.Sprint(values.Field(i).Interface())))
	}
	return slog.GroupValue(attrs...)
}
