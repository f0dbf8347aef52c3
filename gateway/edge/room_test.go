package edge_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"frontdesk/gateway/edge"
	"frontdesk/gateway/edge/edgetest"
)

// TestLargeBodiesShareTheirRoom has one large body at work, and sends others
// beside it, to that route and to another.
func TestLargeBodiesShareTheirRoom(t *testing.T) {
	t.Parallel()
	cfg := edge.DefaultConfig()
	cfg.LargeBodiesBytes = 200 << 10
	began, end := make(chan struct{}), make(chan struct{})
	take := func(_ context.Context, req *fasthttp.RequestCtx) error {
		body, err := edge.Body(req)
		if err != nil {
			return err
		}
		if req.QueryArgs().Has("hold") {
			close(began)
			<-end
		}
		req.SetBodyString(fmt.Sprint(len(body)))
		return nil
	}
	addr, _ := edgetest.Serve(t, cfg, edge.Options{Routes: []edge.Route{
		{Method: "POST", Path: "/a", MaxBodyBytes: 1 << 20, Timeout: 20 * time.Second, Handler: take},
		{Method: "POST", Path: "/b", MaxBodyBytes: 1 << 20, Timeout: 20 * time.Second, Handler: take},
		{Method: "POST", Path: "/small", Handler: take},
	}})
	post := func(path string, size int) (int, string) {
		res, err := http.Post("http://"+addr+path, "text/plain", strings.NewReader(strings.Repeat("a", size)))
		if err != nil {
			t.Error(err)
			return 0, ""
		}
		defer res.Body.Close()
		return res.StatusCode, res.Header.Get("Retry-After")
	}
	if status, _ := post("/a", 500<<10); status != 200 {
		t.Errorf("alone, larger than all the room: %d", status)
	}
	held := make(chan int)
	go func() {
		status, _ := post("/a?hold", 150<<10)
		held <- status
	}()
	<-began
	if status, after := post("/b", 100<<10); status != 503 || after == "" {
		t.Errorf("beside a large one: %d, Retry-After %q; want 503", status, after)
	}
	for path, size := range map[string]int{"/a": 60 << 10, "/small": 60 << 10} {
		if status, _ := post(path, size); status != 200 {
			t.Errorf("a small one to %s: %d", path, status)
		}
	}
	if status, _ := post("/b", 2<<20); status != 413 {
		t.Errorf("one that is too large: %d, want 413 at once", status)
	}
	close(end)
	if status := <-held; status != 200 {
		t.Errorf("the one that was at work: %d", status)
	}
	if status, _ := post("/b", 100<<10); status != 200 {
		t.Errorf("after it: %d", status)
	}
}
