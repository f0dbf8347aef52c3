package chdb_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"frontdesk/cmd/internal/embedded/chdb"
)

// compressions are the ways in which clickhouse-go may send and ask for data.
var compressions = map[string]*clickhouse.Compression{
	"none":    nil,
	"lz4":     {Method: clickhouse.CompressionLZ4},
	"zstd":    {Method: clickhouse.CompressionZSTD, Level: 1},
	"gzip":    {Method: clickhouse.CompressionGZIP, Level: 1},
	"deflate": {Method: clickhouse.CompressionDeflate, Level: 1},
}

// kinds is a row of all column types in use.
type kinds struct {
	I8   int8              `ch:"i8"`
	U64  uint64            `ch:"u64"`
	F    float64           `ch:"f"`
	S    string            `ch:"s"`
	Low  string            `ch:"low"`
	B    bool              `ch:"b"`
	D    time.Time         `ch:"d"`
	At   time.Time         `ch:"at"`
	Ms   time.Time         `ch:"ms"`
	N    *float64          `ch:"n"`
	List []string          `ch:"list"`
	M    map[string]uint64 `ch:"m"`
	U    uuid.UUID         `ch:"u"`
	Fix  string            `ch:"fix"`
	E    string            `ch:"e"`
}

func sample() []kinds {
	f := 0.25
	day := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	return []kinds{
		{I8: -3, U64: 1 << 63, F: 1.5, S: "it's \\ \x00 ü\n\t", Low: "whatsapp", B: true, D: day, At: day.Add(time.Hour), Ms: day.Add(1234 * time.Millisecond),
			N: &f, List: []string{"a", "", "c'"}, M: map[string]uint64{"k": 7}, U: uuid.MustParse("9f0a3c1e-6a0b-4d0e-8f1a-3b7b1c2d4e5f"), Fix: "abcd", E: "inbound"},
		{D: day, At: day, Ms: day, List: []string{}, M: map[string]uint64{}, Fix: "\x00\x00\x00\x00", E: "outbound"},
	}
}

func TestColumnTypesComeBackAsTheyWent(t *testing.T) {
	engine := start(t, chdb.Config{})
	for name, compression := range compressions {
		t.Run(name, func(t *testing.T) {
			opts := engine.options()
			opts.Compression = compression
			conn := open(t, opts)
			exec1(t, conn, `CREATE OR REPLACE TABLE kinds (
				i8 Int8, u64 UInt64, f Float64, s String, low LowCardinality(String), b Bool, d Date, at DateTime('UTC'), ms DateTime64(3, 'UTC'),
				n Nullable(Float64), list Array(String), m Map(String, UInt64), u UUID, fix FixedString(4), e Enum8('inbound' = 1, 'outbound' = 2)
			) ENGINE = MergeTree ORDER BY i8`)
			batch, err := conn.PrepareBatch(deadline(t), "INSERT INTO kinds")
			if err != nil {
				t.Fatal(err)
			}
			defer batch.Close()
			for _, row := range sample() {
				if err := batch.AppendStruct(&row); err != nil {
					t.Fatal(err)
				}
			}
			if err := batch.Send(); err != nil {
				t.Fatal(err)
			}
			var got []kinds
			if err := conn.Select(deadline(t), &got, "SELECT * FROM kinds ORDER BY i8"); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(sample(), got); diff != "" {
				t.Errorf("rows differ (-sent +got):\n%s", diff)
			}
		})
	}
}

func TestLargeBatchAndLargeResult(t *testing.T) {
	const rows = 100_000
	opts := start(t, chdb.Config{}).options()
	opts.Compression = &clickhouse.Compression{Method: clickhouse.CompressionLZ4}
	conn := open(t, opts)
	exec1(t, conn, "CREATE TABLE big (id UInt64, word LowCardinality(String), at DateTime64(3, 'UTC')) ENGINE = MergeTree ORDER BY id")
	batch, err := conn.PrepareBatch(deadline(t), "INSERT INTO big (id, word, at)")
	if err != nil {
		t.Fatal(err)
	}
	defer batch.Close()
	for i := range uint64(rows) {
		if err := batch.Append(i, fmt.Sprintf("word-%d", i%50), time.UnixMilli(int64(i)).UTC()); err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
	found, err := conn.Query(deadline(t), "SELECT id, word, at FROM big ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	var next uint64
	for found.Next() {
		var id uint64
		var word string
		var at time.Time
		if err := found.Scan(&id, &word, &at); err != nil {
			t.Fatal(err)
		}
		if id != next || word != fmt.Sprintf("word-%d", id%50) || at.UnixMilli() != int64(id) {
			t.Fatalf("row %d is %d %q %v", next, id, word, at)
		}
		next++
	}
	if found.Err() != nil || next != rows {
		t.Fatalf("%d rows came back and error %v, want %d", next, found.Err(), rows)
	}
}

func TestExceptionsBearCodeAndMessage(t *testing.T) {
	engine := start(t, chdb.Config{})
	tests := []struct {
		name    string
		query   string
		code    int32
		message string
	}{
		{"unknown table", "SELECT * FROM nowhere", 60, "nowhere"},
		{"unknown database", "SELECT * FROM nowhere.t", 81, "nowhere"},
		{"not SQL", "SELEC 1", 62, "Syntax error"},
		{"an expression alone is no query", "1 + 1", 62, "Syntax error"},
		{"unknown column", "SELECT zip FROM system.one", 47, "zip"},
		{"table that is there", "CREATE TABLE system.one (x Int8) ENGINE = Memory", 57, "already exists"},
		{"throws in the middle", "SELECT throwIf(number = 3) FROM numbers(10)", 395, ""},
		{"missing parameter", "SELECT {x:String}", 456, "`x`"},
	}
	for name, compression := range compressions {
		opts := engine.options()
		opts.Compression = compression
		conn := open(t, opts)
		for _, tt := range tests {
			t.Run(name+"/"+tt.name, func(t *testing.T) {
				var got *clickhouse.Exception
				if err := conn.Exec(deadline(t), tt.query); !errors.As(err, &got) || got.Code != tt.code || !strings.Contains(got.Message, tt.message) {
					t.Errorf("error is %v, want code %d with %q", err, tt.code, tt.message)
				}
				rows, err := conn.Query(deadline(t), tt.query)
				if err == nil {
					_ = rows.Close()
				}
				if !errors.As(err, &got) || got.Code != tt.code {
					t.Errorf("as a query: error is %v, want code %d", err, tt.code)
				}
			})
		}
	}
}

func TestParametersAreBoundNotSpliced(t *testing.T) {
	conn := open(t, start(t, chdb.Config{}).options())
	hostile := "x' OR 1=1 --\t\\'; DROP TABLE t"
	var got string
	if err := conn.QueryRow(deadline(t), "SELECT {v:String}", clickhouse.Named("v", hostile)).Scan(&got); err != nil || got != hostile {
		t.Errorf("parameter came back as %q, %v", got, err)
	}
	var list []string
	if err := conn.QueryRow(deadline(t), "SELECT {v:Array(String)}", clickhouse.Named("v", []string{"a'b", hostile})).Scan(&list); err != nil || !cmp.Equal(list, []string{"a'b", hostile}) {
		t.Errorf("list came back as %q, %v", list, err)
	}
}

func TestOneRequestLeavesNothingForTheNext(t *testing.T) {
	conn := open(t, start(t, chdb.Config{Connections: 1}).options())
	with := clickhouse.Context(deadline(t), clickhouse.WithSettings(clickhouse.Settings{"max_threads": 7}))
	var got uint64
	if err := conn.QueryRow(with, "SELECT toUInt64(getSetting('max_threads'))").Scan(&got); err != nil || got != 7 {
		t.Fatalf("max_threads is %d, %v; the setting of the request is 7", got, err)
	}
	exec1(t, conn, "SET max_threads = 5")
	if got := count(t, conn, "SELECT toUInt64(getSetting('max_threads'))"); got == 7 || got == 5 {
		t.Errorf("max_threads of another request is still %d", got)
	}
	var unknown *clickhouse.Exception
	bad := clickhouse.Context(deadline(t), clickhouse.WithSettings(clickhouse.Settings{"no_such_setting": 1}))
	if err := conn.Exec(bad, "SELECT 1"); !errors.As(err, &unknown) || unknown.Code != 115 {
		t.Errorf("unknown setting gives %v, want code 115", err)
	}
}

func TestDatabaseOfTheConnection(t *testing.T) {
	engine := start(t, chdb.Config{})
	conn := open(t, engine.options())
	exec1(t, conn, "CREATE DATABASE `odd ``name`")
	opts := engine.options()
	opts.Auth.Database = "odd `name"
	var got string
	if err := open(t, opts).QueryRow(deadline(t), "SELECT currentDatabase()").Scan(&got); err != nil || got != opts.Auth.Database {
		t.Errorf("database is %q, %v", got, err)
	}
}

func TestRepeatedInsertWithTheSameTokenIsTakenOnce(t *testing.T) {
	conn := open(t, start(t, chdb.Config{}).options())
	exec1(t, conn, "CREATE TABLE once (x UInt64) ENGINE = MergeTree ORDER BY x SETTINGS non_replicated_deduplication_window = 100")
	for _, token := range []string{"a", "a", "b"} {
		ctx := clickhouse.Context(deadline(t), clickhouse.WithSettings(clickhouse.Settings{"insert_deduplication_token": token}))
		batch, err := conn.PrepareBatch(ctx, "INSERT INTO once")
		if err != nil {
			t.Fatal(err)
		}
		for range 10 { // the same rows each time: it is the token that tells them apart
			if err := batch.Append(uint64(1)); err != nil {
				t.Fatal(err)
			}
		}
		if err := batch.Send(); err != nil {
			t.Fatal(err)
		}
		_ = batch.Close()
	}
	if n := count(t, conn, "SELECT count() FROM once"); n != 20 {
		t.Errorf("%d rows, want 20: ten of token a, ten of token b", n)
	}
}

func TestDataSurvivesStopAndKill(t *testing.T) {
	engine := start(t, chdb.Config{})
	conn := open(t, engine.options())
	exec1(t, conn, "CREATE TABLE kept (x UInt64) ENGINE = MergeTree ORDER BY x")
	exec1(t, conn, "INSERT INTO kept SELECT number FROM numbers(1000)")
	leftover := filepath.Join(engine.cfg.Path, "inserts", "left.body")
	if err := os.WriteFile(leftover, []byte("half an insert"), 0o600); err != nil {
		t.Fatal(err)
	}
	engine.kill(t)
	engine.run(t)
	if n := count(t, conn, "SELECT count() FROM kept"); n != 1000 {
		t.Errorf("%d rows after a kill, want 1000", n)
	}
	if _, err := os.Stat(leftover); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what a killed engine left of an insert is still there (%v)", err)
	}
	exec1(t, conn, "INSERT INTO kept SELECT number FROM numbers(1000)")
	engine.stop(t)
	engine.run(t)
	if n := count(t, conn, "SELECT count() FROM kept"); n != 2000 {
		t.Errorf("%d rows after a stop, want 2000", n)
	}
}

func TestSlowStatements(t *testing.T) {
	conn := open(t, start(t, chdb.Config{StatementLimit: time.Second, Connections: 1}).options())
	const forever = "SELECT count() FROM system.numbers"

	t.Run("end at the limit", func(t *testing.T) {
		var got *clickhouse.Exception
		if err := conn.Exec(deadline(t), forever); !errors.As(err, &got) || got.Code != 159 {
			t.Errorf("error is %v, want code 159", err)
		}
	})
	t.Run("cannot ask for more than the limit", func(t *testing.T) {
		var got *clickhouse.Exception
		long := clickhouse.Context(deadline(t), clickhouse.WithSettings(clickhouse.Settings{"max_execution_time": 600}))
		if err := conn.Exec(long, forever); !errors.As(err, &got) || got.Code != 159 {
			t.Errorf("error is %v, want code 159", err)
		}
	})
}

func TestStatementEndsWithItsClient(t *testing.T) {
	// The only turn would be taken for a minute if the statement went on.
	conn := open(t, start(t, chdb.Config{Connections: 1}).options())
	if n := count(t, conn, "SELECT toUInt64(1)"); n != 1 {
		t.Fatal("no engine")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	if err := conn.Exec(ctx, "SELECT count() FROM system.numbers"); err == nil {
		t.Fatal("an endless statement ended")
	}
	begun := time.Now()
	if n := count(t, conn, "SELECT toUInt64(2)"); n != 2 || time.Since(begun) > 10*time.Second {
		t.Errorf("the next statement gave %d after %v", n, time.Since(begun))
	}
}

// TestStuckStatementEndsTheEngine: the library never ends a DROP … SYNC, as
// it does not drop in the background. The process must end, so that its
// supervisor starts another.
func TestStuckStatementEndsTheEngine(t *testing.T) {
	engine := start(t, chdb.Config{StatementLimit: time.Second, Grace: time.Second})
	conn := open(t, engine.options())
	exec1(t, conn, "CREATE TABLE t (x Int8) ENGINE = MergeTree ORDER BY x")
	dropped := make(chan error, 1)
	go func() { dropped <- conn.Exec(context.Background(), "DROP TABLE t SYNC") }()
	killer := time.AfterFunc(20*time.Second, func() { _ = engine.cmd.Process.Kill() })
	defer killer.Stop()
	var told *clickhouse.Exception
	if err := <-dropped; err == nil || errors.As(err, &told) { // told by the engine, not cut off with it
		t.Skipf("this engine ends the statement, with %v", err)
	}
	if err := engine.cmd.Wait(); err == nil || engine.cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("the engine ended with %v, want exit status 1 by itself", err)
	}
	engine.run(t)
	if n := count(t, conn, "SELECT toUInt64(1)"); n != 1 {
		t.Error("no answer of the next engine")
	}
}

func TestManyClientsAtOnce(t *testing.T) {
	opts := start(t, chdb.Config{}).options()
	opts.MaxOpenConns = 16
	conn := open(t, opts)
	exec1(t, conn, "CREATE TABLE many (who UInt64, x UInt64) ENGINE = MergeTree ORDER BY (who, x)")
	var clients sync.WaitGroup
	for who := range uint64(16) {
		clients.Go(func() {
			for range 10 {
				if err := conn.Exec(context.Background(), "INSERT INTO many SELECT {who:UInt64}, number FROM numbers(10)", clickhouse.Named("who", who)); err != nil {
					t.Error(err)
				}
				var other uint64
				if err := conn.QueryRow(context.Background(), "SELECT {who:UInt64}", clickhouse.Named("who", who)).Scan(&other); err != nil || other != who {
					t.Errorf("parameter of client %d is %d, %v", who, other, err)
				}
			}
		})
	}
	clients.Wait()
	if n := count(t, conn, "SELECT count() FROM many"); n != 1600 {
		t.Errorf("%d rows, want 1600", n)
	}
}

func TestPasswordIsRequired(t *testing.T) {
	engine := start(t, chdb.Config{})
	opts := engine.options()
	opts.Auth.Password = "guess"
	var got *clickhouse.Exception
	if err := open(t, opts).Ping(deadline(t)); !errors.As(err, &got) || got.Code != 516 {
		t.Errorf("wrong password gives %v, want code 516", err)
	}
	for query, want := range map[string]int{"": 200, "?query=SELECT+1": 403, "?query=SELECT+1&password=" + password: 200} {
		res, err := http.Get("http://" + engine.addr + "/" + query)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("GET /%s is %d, want %d", query, res.StatusCode, want)
		}
	}
}

func TestPlainHTTP(t *testing.T) {
	engine := start(t, chdb.Config{})
	tests := []struct {
		name, method, query, body string
		status                    int
		want                      string
	}{
		{"query in the URL", "GET", "query=SELECT+1", "", 200, "1\n"},
		{"query in the body", "POST", "", "SELECT 2", 200, "2\n"},
		{"query in both", "POST", "query=SELECT", "3", 200, "3\n"},
		{"format of the query", "POST", "", "SELECT 4 AS x FORMAT JSONEachRow", 200, "{\"x\":4}\n"},
		{"default format", "POST", "default_format=CSVWithNames", "SELECT 5 AS x", 200, "\"x\"\n5\n"},
		{"another format than Native at a revision", "POST", "default_format=Native&client_protocol_version=54460", "SELECT 6 FORMAT CSV", 200, "6\n"},
		{"GET changes nothing", "GET", "query=CREATE+TABLE+t+(x+Int8)+ENGINE=Memory", "", 500, "readonly"},
		{"make a table", "POST", "", "CREATE TABLE t (x Int64, s String) ENGINE = MergeTree ORDER BY x", 200, ""},
		{"insert with values in the query", "POST", "", "INSERT INTO t VALUES (1, 'a')", 200, ""},
		{"insert with its data in the body", "POST", "query=INSERT+INTO+t+FORMAT+CSV", "2,b\n3,c\n", 200, ""},
		{"insert with settings", "POST", "query=INSERT+INTO+t+(s,x)+SETTINGS+max_threads=1+FORMAT+TSV", "d\t4\n", 200, ""},
		{"insert in the default format, which is Values", "POST", "query=INSERT+INTO+t", "(5, 'e')", 200, ""},
		{"insert of what does not parse", "POST", "query=INSERT+INTO+t+FORMAT+CSV", "x,y,z\n", 400, "Code: 27"},
		{"what was inserted", "POST", "", "SELECT x, s FROM t ORDER BY x FORMAT CSV", 200, "1,\"a\"\n2,\"b\"\n3,\"c\"\n4,\"d\"\n5,\"e\"\n"},
		{"session", "POST", "session_id=x", "SELECT 1", 501, "sessions"},
		{"setting that is no name", "POST", "a%3D1%2C+b=x", "SELECT 1", 404, "UNKNOWN_SETTING"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequest(tt.method, "http://"+engine.addr+"/?"+tt.query, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			req.SetBasicAuth("default", password)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, _ := io.ReadAll(res.Body)
			if res.StatusCode != tt.status || (tt.status == 200 && string(body) != tt.want) || !strings.Contains(string(body), tt.want) {
				t.Errorf("%d %q, want %d %q", res.StatusCode, body, tt.status, tt.want)
			}
		})
	}
	left, err := os.ReadDir(filepath.Join(engine.cfg.Path, "inserts"))
	if err != nil || len(left) != 0 {
		t.Errorf("%d bodies of inserts were left behind, %v", len(left), err)
	}
}

func TestBadBodies(t *testing.T) {
	engine := start(t, chdb.Config{})
	u := "http://" + engine.addr + "/?" + url.Values{"query": {"INSERT INTO t FORMAT Native"}, "decompress": {"1"}}.Encode()
	for name, body := range map[string]string{"noise": "not a frame at all, but long enough to look at", "short": "x"} {
		t.Run(name, func(t *testing.T) {
			req, _ := http.NewRequest("POST", u, strings.NewReader(body))
			req.SetBasicAuth("default", password)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if res.StatusCode != http.StatusBadRequest {
				t.Errorf("status %d, want 400", res.StatusCode)
			}
		})
	}
}
