package analytics

import (
	"maps"
	"slices"
	"strings"

	"frontdesk/ingest"
)

// Definition describes a metric or a dimension to people.
type Definition struct {
	Name        string
	Description string
	// Unit is count, ratio or seconds for a metric, "" for a dimension.
	Unit string
	// Dimensions are what a metric can be split and filtered by, besides time.
	Dimensions []string
}

// Metrics describes all metrics.
func Metrics() []Definition {
	out := make([]Definition, len(metrics))
	for i, m := range metrics {
		out[i] = m.Definition
		out[i].Dimensions = m.fact.names()
	}
	return out
}

// Dimensions describes all dimensions, divisions of time first.
func Dimensions() []Definition { return slices.Clone(dimensions) }

// metric is a number that can be asked for.
type metric struct {
	Definition
	fact *fact
	expr string // an aggregate over the fact's columns; never counts a repeat twice
}

// fact is what a group of metrics is computed from.
type fact struct {
	// from is the table or subquery. Each table that it reads it reads for one
	// tenant. It may use the bound parameters of [bind].
	from string
	// bare is from without what only gives the column "reached", for statements
	// that do not ask for it; empty where there is no difference.
	bare string
	// where bounds from to what counts, in addition to filters.
	where string
	// dimensions are the columns, or expressions of them, by the dimension's
	// name. Divisions of time are of the column "at", which every fact has.
	dimensions map[string]string
}

// names lists the fact's dimensions.
func (f *fact) names() []string { return slices.Sorted(maps.Keys(f.dimensions)) }

const (
	unitCount   = "count"
	unitRatio   = "ratio"
	unitSeconds = "seconds"
)

// inSpan bounds a table to a tenant and a span of days, which are its key.
const inSpan = `tenant_id = {tenant:String} AND day BETWEEN toDate({from:String}) - 1 AND toDate({to:String}) + 1`

// settledWithin bounds how long after a message or a conversation's beginning
// what became of it is still looked for. It keeps a question about last year
// from reading this one.
const settledWithin = `tenant_id = {tenant:String} AND day BETWEEN toDate({from:String}) - 1 AND toDate({to:String}) + 31`

// ranks are the statuses in the order in which one supersedes another, so that
// the highest that was heard of is the message's.
var ranks = []ingest.Status{ingest.Queued, ingest.Sending, ingest.Unknown, ingest.Sent, ingest.Failed, ingest.Delivered, ingest.Read}

// rankList is [ranks] as ClickHouse's array.
var rankList = func() string {
	quoted := make([]string, len(ranks))
	for i, s := range ranks {
		quoted[i] = "'" + string(s) + "'"
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}()

const messagesInSpan = `(SELECT * FROM messages WHERE ` + inSpan + `) AS m`

// messageFact is messages with the highest status that was heard of each. The
// conversation's writer tells of statuses, and providers that give our id back
// do too; hearing of one twice changes nothing.
var messageFact = &fact{
	bare: messagesInSpan,
	from: messagesInSpan + `
	LEFT JOIN (
		SELECT message_id, max(indexOf(` + rankList + `, status)) AS reached
		FROM (
			SELECT message_id, status FROM deliveries WHERE ` + settledWithin + `
			UNION ALL
			SELECT message_id, status FROM receipts WHERE ` + settledWithin + ` AND message_id <> ''
		)
		GROUP BY message_id
	) AS s ON s.message_id = m.message_id`,
	where: `at >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC') AND at < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')`,
	dimensions: map[string]string{
		"channel": "channel", "direction": "direction", "agent": "agent", "provider": "provider", "author": "author",
		"category": "category", "content_type": "content_type", testDimension: "test",
		"status": `if(direction = 'inbound', 'received', ` + rankList + `[greatest(reached, 1)])`,
	},
}

// turnFact is turns.
var turnFact = &fact{
	from:  `(SELECT * FROM turns WHERE ` + inSpan + `)`,
	where: messageFact.where,
	dimensions: map[string]string{
		"channel": "channel", "outcome": "outcome", "agent": "agent", "language": "language", "reason": "reason", "brain": "brain",
		testDimension: "test",
	},
}

// responseFact is one row per conversation that was answered: when the contact
// first wrote, how long the first reply took, and the turn that gave it. Only
// conversations whose first turn is there count: of others the beginning lies
// before what was read.
var responseFact = &fact{
	from: `(
		SELECT conversation, min(received_at) AS at,
			greatest(dateDiff('millisecond', min(received_at), minIf(turns.at, reply <> '')), 0) / 1000 AS seconds,
			argMinIf(channel, turns.at, reply <> '') AS channel, argMinIf(outcome, turns.at, reply <> '') AS outcome,
			argMinIf(agent, turns.at, reply <> '') AS agent, argMinIf(language, turns.at, reply <> '') AS language,
			max(test) AS test
		FROM turns WHERE ` + settledWithin + `
		GROUP BY conversation
		HAVING countIf(number = 1) > 0 AND countIf(reply <> '') > 0
	)`,
	where: messageFact.where,
	dimensions: map[string]string{
		"channel": "channel", "outcome": "outcome", "agent": "agent", "language": "language", testDimension: "test",
	},
}

// openingFact is conversations at their opening.
var openingFact = &fact{
	from:  `(SELECT * FROM conversation_changes WHERE ` + inSpan + ` AND change = 'opened')`,
	where: messageFact.where,
	dimensions: map[string]string{
		"channel": "channel", "agent": "agent", testDimension: "test",
	},
}

// Outbound messages by how far they came.
const (
	allOutbound = `uniqExactIf(m.message_id, direction = 'outbound')`
	delivered   = `uniqExactIf(m.message_id, direction = 'outbound' AND reached >= indexOf(` + "%RANKS%" + `, 'delivered'))`
	wasRead     = `uniqExactIf(m.message_id, direction = 'outbound' AND reached >= indexOf(` + "%RANKS%" + `, 'read'))`
	failed      = `uniqExactIf(m.message_id, direction = 'outbound' AND reached = indexOf(` + "%RANKS%" + `, 'failed'))`

	// A turn may decline and hand off; its outcome is then one of the two, and
	// its reason is that of the handoff.
	handedOff = `uniqExactIf(turn_id, outcome = 'handed_off' OR reason <> '')`
	decided   = `uniqExactIf(turn_id, outcome NOT IN ('silent', 'superseded') OR reason <> '')`
)

// metrics is all of them.
var metrics = []metric{
	count("messages", "messages in both directions", messageFact, `uniqExact(m.message_id)`),
	count("inbound_messages", "messages from contacts", messageFact, `uniqExactIf(m.message_id, direction = 'inbound')`),
	count("outbound_messages", "messages to contacts, whatever became of them", messageFact, allOutbound),
	count("contacts", "people, by address, who wrote or were written to", messageFact, `uniqExactIf(party, party <> '')`),
	count("delivered", "outbound messages that arrived, read or not", messageFact, delivered),
	count("read", "outbound messages that were read", messageFact, wasRead),
	count("failed", "outbound messages that the provider did not deliver", messageFact, failed),
	ratio("delivered_rate", "delivered of outbound_messages", messageFact, delivered, allOutbound),
	ratio("read_rate", "read of outbound_messages", messageFact, wasRead, allOutbound),
	ratio("failed_rate", "failed of outbound_messages", messageFact, failed, allOutbound),
	count("conversations", "conversations opened", openingFact, `uniqExact(conversation)`),
	count("turns", "turns that agents took, silent ones too", turnFact, `uniqExact(turn_id)`),
	count("answered", "turns answered from knowledge", turnFact, `uniqExactIf(turn_id, outcome = 'answered')`),
	count("declined", "turns in which nothing supported an answer", turnFact, `uniqExactIf(turn_id, outcome = 'declined')`),
	count("handed_off", "turns after which a person took over, whatever else they said", turnFact, handedOff),
	ratio("handoff_rate", "handed_off of the turns that were not silent or superseded", turnFact, handedOff, decided),
	{Definition{Name: "first_response_seconds_avg", Unit: unitSeconds, Description: "mean time from a contact's first message of a conversation to the first reply"}, responseFact, `if(count() = 0, NULL, avg(seconds))`},
	{Definition{Name: "first_response_seconds_p50", Unit: unitSeconds, Description: "median of the same"}, responseFact, `if(count() = 0, NULL, quantileExact(0.5)(seconds))`},
	{Definition{Name: "first_response_seconds_p90", Unit: unitSeconds, Description: "90th percentile of the same"}, responseFact, `if(count() = 0, NULL, quantileExact(0.9)(seconds))`},
}

func count(name, description string, of *fact, expr string) metric {
	return metric{Definition{Name: name, Unit: unitCount, Description: description}, of, `toInt64(` + ranked(expr) + `)`}
}

func ratio(name, description string, of *fact, part, whole string) metric {
	expr := `if(` + whole + ` = 0, NULL, ` + part + ` / ` + whole + `)`
	return metric{Definition{Name: name, Unit: unitRatio, Description: description}, of, ranked(expr)}
}

func ranked(expr string) string { return strings.ReplaceAll(expr, "%RANKS%", rankList) }

// buckets are the divisions of time.
var buckets = []string{"hour", "day", "week", "month"}

// dimensions is all of them.
var dimensions = []Definition{
	{Name: "hour", Description: "the hour, in the query's timezone"},
	{Name: "day", Description: "the day, in the query's timezone"},
	{Name: "week", Description: "the week, by its Monday"},
	{Name: "month", Description: "the month, by its first day"},
	{Name: "channel", Description: "the channel's id"},
	{Name: "provider", Description: "whatsapp, twilio"},
	{Name: "direction", Description: "inbound or outbound"},
	{Name: "status", Description: "how far a message came: received, queued, sending, unknown, sent, failed, delivered, read"},
	{Name: "content_type", Description: "text, image, template and so on"},
	{Name: "author", Description: "who wrote an outbound message: bot, person or api"},
	{Name: "category", Description: "service, utility, marketing or authentication, of outbound messages"},
	{Name: "agent", Description: "the agent's id"},
	{Name: "outcome", Description: "how a turn ended: answered, assisted, declined, handed_off, greeted, opted_out, opted_in, silent, superseded"},
	{Name: "reason", Description: "why a turn was handed off"},
	{Name: "language", Description: "the language of the contact's messages"},
	{Name: "brain", Description: "what decided a turn: builtin or llm"},
	{Name: testDimension, Description: "whether it is traffic of the sandbox, which does not count otherwise"},
}

func metricNames() []string {
	out := make([]string, len(metrics))
	for i, m := range metrics {
		out[i] = m.Name
	}
	return out
}

func dimensionNames() []string {
	out := make([]string, len(dimensions))
	for i, d := range dimensions {
		out[i] = d.Name
	}
	return out
}

// filterNames are the dimensions that are no division of time.
func filterNames() []string {
	return slices.DeleteFunc(dimensionNames(), func(n string) bool { return slices.Contains(buckets, n) })
}
