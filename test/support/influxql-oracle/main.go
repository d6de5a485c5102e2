// Says what the real InfluxQL makes of queries: one JSON object a line in, one out.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/influxdata/influxql"
)

type question struct {
	Query  string          `json:"query"`
	Params json.RawMessage `json:"params"`
	// The query as printed by the other side; is it the same one?
	Printed *string `json:"printed"`
}

type privilege struct {
	Admin     bool   `json:"admin"`
	Database  string `json:"database"`
	Privilege string `json:"privilege"`
}

type answer struct {
	Error      string        `json:"error,omitempty"`
	Texts      []string      `json:"texts"`
	Privileges [][]privilege `json:"privileges"`
	// Empty if the printed query is the same one, otherwise why not.
	Differs string `json:"differs,omitempty"`
	// Whether its own text is another query, or none.
	Lossy bool `json:"lossy,omitempty"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var q question
		if err := json.Unmarshal(line, &q); err != nil {
			panic(err)
		}
		encoder.Encode(ask(q))
		if in.Buffered() == 0 {
			out.Flush()
		}
	}
}

func ask(q question) (a answer) {
	defer func() {
		if r := recover(); r != nil {
			a = answer{Error: fmt.Sprint("panic: ", r)}
		}
	}()
	query, err := parse(q.Query, q.Params)
	if err != nil {
		return answer{Error: err.Error()}
	}
	for _, statement := range query.Statements {
		needed, err := statement.RequiredPrivileges()
		if err != nil {
			return answer{Error: err.Error()}
		}
		list := []privilege{}
		for _, one := range needed {
			list = append(list, privilege{one.Admin, one.Name, one.Privilege.String()})
		}
		a.Texts = append(a.Texts, statement.String())
		a.Privileges = append(a.Privileges, list)
	}
	own, err := parse(query.String(), nil)
	a.Lossy = err != nil || difference(reflect.ValueOf(query), reflect.ValueOf(own), "query") != ""
	if q.Printed != nil {
		printed, err := parse(*q.Printed, nil)
		if err != nil {
			a.Differs = err.Error()
		} else {
			a.Differs = difference(reflect.ValueOf(query), reflect.ValueOf(printed), "query")
		}
	}
	return a
}

// The parameters are read as InfluxDB's HTTP handler reads them.
func parse(text string, raw json.RawMessage) (*influxql.Query, error) {
	parser := influxql.NewParser(strings.NewReader(text))
	if len(raw) > 0 {
		var params map[string]interface{}
		decoder := json.NewDecoder(strings.NewReader(string(raw)))
		decoder.UseNumber()
		if err := decoder.Decode(&params); err != nil {
			return nil, err
		}
		for name, value := range params {
			number, ok := value.(json.Number)
			if !ok {
				continue
			}
			var err error
			if strings.Contains(string(number), ".") {
				params[name], err = number.Float64()
			} else {
				params[name], err = number.Int64()
			}
			if err != nil {
				return nil, fmt.Errorf("error parsing json value: %s", err)
			}
		}
		parser.SetParams(params)
	}
	return parser.ParseQuery()
}

// Where two trees differ; empty if they do not.
func difference(a, b reflect.Value, path string) string {
	if a.IsValid() != b.IsValid() || a.IsValid() && a.Type() != b.Type() {
		return path
	}
	if !a.IsValid() {
		return ""
	}
	switch x := a.Interface().(type) {
	case *regexp.Regexp:
		y := b.Interface().(*regexp.Regexp)
		if (x == nil) != (y == nil) || x != nil && x.String() != y.String() {
			return path
		}
		return ""
	case *time.Location:
		y := b.Interface().(*time.Location)
		if (x == nil) != (y == nil) || x != nil && x.String() != y.String() {
			return path
		}
		return ""
	}
	switch a.Kind() {
	case reflect.Ptr, reflect.Interface:
		if a.IsNil() || b.IsNil() {
			if a.IsNil() == b.IsNil() {
				return ""
			}
			return path
		}
		return difference(a.Elem(), b.Elem(), path)
	case reflect.Struct:
		for i := 0; i < a.NumField(); i++ {
			field := a.Type().Field(i)
			if field.PkgPath != "" {
				continue // unexported: a memory of what the others say
			}
			if d := difference(a.Field(i), b.Field(i), path+"."+field.Name); d != "" {
				return d
			}
		}
		return ""
	case reflect.Slice:
		if a.Len() != b.Len() {
			return path
		}
		for i := 0; i < a.Len(); i++ {
			if d := difference(a.Index(i), b.Index(i), fmt.Sprintf("%s[%d]", path, i)); d != "" {
				return d
			}
		}
		return ""
	}
	if fmt.Sprint(a.Interface()) != fmt.Sprint(b.Interface()) {
		return fmt.Sprintf("%s: %v, %v", path, a.Interface(), b.Interface())
	}
	return ""
}
