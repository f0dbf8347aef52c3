package chdb

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// Codes of exceptions that the server itself raises.
const (
	codeNotImplemented    = 48
	codeLogicalError      = 49
	codeTimeout           = 159
	codeCannotParse       = 27
	codeTooManyQueries    = 202
	codeAuthentication    = 516
	codeUnknownSetting    = 115
	codeCannotDecompress  = 271
	codeCannotWriteToFile = 75
	codeBadArguments      = 36
)

// exception is an error as ClickHouse tells it: "Code: 60. DB::Exception: …
// (UNKNOWN_TABLE)".
type exception struct {
	code int
	text string // without the "Code: …. DB::Exception: " in front
}

func (e *exception) Error() string {
	return "Code: " + strconv.Itoa(e.code) + ". DB::Exception: " + e.text
}

var exceptionPrefix = regexp.MustCompile(`^Code: (\d+)\. (DB::\w*Exception: )?`)

// parseException reads an exception from the engine's words.
func parseException(text string) *exception {
	text = strings.TrimSpace(text)
	m := exceptionPrefix.FindStringSubmatch(text)
	if m == nil {
		return &exception{code: codeLogicalError, text: text}
	}
	code, _ := strconv.Atoi(m[1])
	return &exception{code: code, text: text[len(m[0]):]}
}

// statuses are the HTTP statuses of the codes that ClickHouse answers with
// another one than 500.
var statuses = map[int]int{
	codeAuthentication:   http.StatusForbidden,
	codeCannotParse:      http.StatusBadRequest,
	codeCannotDecompress: http.StatusBadRequest,
	codeNotImplemented:   http.StatusNotImplemented,
	codeTimeout:          http.StatusRequestTimeout,
	codeTooManyQueries:   http.StatusServiceUnavailable,
	codeUnknownSetting:   http.StatusNotFound,
	codeBadArguments:     http.StatusBadRequest,

	16: http.StatusNotFound,   // NO_SUCH_COLUMN_IN_TABLE
	41: http.StatusBadRequest, // CANNOT_PARSE_DATETIME
	43: http.StatusBadRequest, // ILLEGAL_TYPE_OF_ARGUMENT
	46: http.StatusNotFound,   // UNKNOWN_FUNCTION
	47: http.StatusNotFound,   // UNKNOWN_IDENTIFIER
	50: http.StatusNotFound,   // UNKNOWN_TYPE
	53: http.StatusBadRequest, // TYPE_MISMATCH
	60: http.StatusNotFound,   // UNKNOWN_TABLE
	62: http.StatusBadRequest, // SYNTAX_ERROR
	81: http.StatusNotFound,   // UNKNOWN_DATABASE
}

func (e *exception) status() int {
	if s, ok := statuses[e.code]; ok {
		return s
	}
	return http.StatusInternalServerError
}
