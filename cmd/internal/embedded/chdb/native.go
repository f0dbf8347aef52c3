package chdb

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

// reencode turns Native blocks of revision 0, which is what the library
// writes, into blocks of revision: each with a block info in front and a mark
// after each column's type. Revisions that clickhouse-go does not know are
// answered in the newest that it does.
func reencode(data []byte, revision uint64) (out []byte, err error) {
	defer func() {
		if r := recover(); r != nil { // a type that clickhouse-go reads and cannot write
			out, err = nil, fmt.Errorf("encode result: %v", r)
		}
	}()
	revision = min(revision, proto.DBMS_TCP_PROTOCOL_VERSION)
	reader := chproto.NewReader(bytes.NewReader(data))
	var buffer chproto.Buffer
	for {
		block := proto.Block{ServerContext: &column.ServerContext{Timezone: time.UTC}}
		switch err := block.Decode(reader, 0); {
		case errors.Is(err, io.EOF):
			return buffer.Buf, nil
		case err != nil:
			return nil, fmt.Errorf("decode result: %w", err)
		}
		if err := block.Encode(&buffer, revision); err != nil {
			return nil, fmt.Errorf("encode result: %w", err)
		}
	}
}
