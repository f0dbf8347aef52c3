package layout

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
)

// read parses a file into what the rules look at.
func read(file string, code []byte) (source, error) {
	positions := token.NewFileSet()
	tree, err := parser.ParseFile(positions, file, code, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return source{}, err
	}
	s := source{path: file, pkg: tree.Name.Name, test: strings.HasSuffix(file, "_test.go"), doc: tree.Doc != nil}
	names := map[string]string{} // by what an import is called in this file
	for _, spec := range tree.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return source{}, err
		}
		s.imports = append(s.imports, imported)
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = imported
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			if base, ok := selector.X.(*ast.Ident); ok && names[base.Name] != "" {
				s.calls = append(s.calls, names[base.Name]+"."+selector.Sel.Name)
			}
		}
		return true
	})
	ast.Inspect(tree, func(n ast.Node) bool {
		if text, ok := n.(*ast.BasicLit); ok && loose(text.Value) {
			s.claims = append(s.claims, text.Value[:min(len(text.Value), 60)])
		}
		return true
	})
	for _, decl := range tree.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok {
			if lines := length(positions, f); lines > maxLines {
				s.long = append(s.long, fmt.Sprintf("%s has %d lines, %d are the limit", f.Name.Name, lines, maxLines))
			}
		}
		if s.pkg != "main" {
			s.bare = append(s.bare, bare(decl)...)
		}
	}
	return s, nil
}

// loose reports whether a statement locks rows up to a LIMIT in a subquery that
// Postgres may run again and again: one that is neither the whole of a WITH's
// name, which runs once, nor LATERAL, which is meant to.
func loose(sql string) bool {
	for rest := sql; ; {
		_, after, found := strings.Cut(rest, "FOR UPDATE")
		if !found {
			return false
		}
		rest = after
		before, inner := enclosing(sql[:len(sql)-len(after)])
		if strings.Contains(inner, "LIMIT") && before != "" && !strings.HasSuffix(before, " AS") && !strings.HasSuffix(before, " MATERIALIZED") && !strings.HasSuffix(before, " LATERAL") {
			return true
		}
	}
}

// enclosing parts text at its last bracket that is open at its end. Without one,
// before is empty.
func enclosing(text string) (before, inner string) {
	depth := 0
	for i := len(text) - 1; i >= 0; i-- {
		switch text[i] {
		case ')':
			depth++
		case '(':
			if depth--; depth < 0 {
				return strings.TrimRight(text[:i], " \n\t"), text[i:]
			}
		}
	}
	return "", text
}

// length returns the lines of f less those of the tables and texts within it.
func length(positions *token.FileSet, f *ast.FuncDecl) int {
	span := func(n ast.Node) int { return positions.Position(n.End()).Line - positions.Position(n.Pos()).Line }
	lines := span(f) + 1
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			lines -= span(n)
			return false
		case *ast.BasicLit:
			lines -= span(n)
		}
		return true
	})
	return lines
}

// wellKnown are methods whose contract is that of the interface they fill.
var wellKnown = []string{"Error", "Unwrap", "Is", "As", "String", "GoString", "LogValue", "MarshalJSON", "UnmarshalJSON", "MarshalText",
	"UnmarshalText", "UnmarshalYAML"}

// bare returns the exported names that decl declares without a comment. The
// comment of a group, or at the end of a line, is one.
func bare(decl ast.Decl) []string {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		name := receiver(d) + d.Name.Name
		if d.Recv != nil && slices.Contains(wellKnown, d.Name.Name) {
			return nil
		}
		if d.Doc != nil || !ast.IsExported(d.Name.Name) || !ast.IsExported(name) {
			return nil
		}
		return []string{name}
	case *ast.GenDecl:
		if d.Doc != nil {
			return nil
		}
		var names []string
		for _, spec := range d.Specs {
			names = append(names, bareSpec(spec)...)
		}
		return names
	}
	return nil
}

func bareSpec(spec ast.Spec) []string {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Doc == nil && s.Comment == nil && s.Name.IsExported() {
			return []string{s.Name.Name}
		}
	case *ast.ValueSpec:
		if s.Doc != nil || s.Comment != nil {
			return nil
		}
		for _, name := range s.Names {
			if name.IsExported() {
				return []string{name.Name}
			}
		}
	}
	return nil
}

// receiver returns the type a method belongs to with a dot, or nothing.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	typ := f.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if generic, ok := typ.(*ast.IndexExpr); ok {
		typ = generic.X
	}
	if name, ok := typ.(*ast.Ident); ok {
		return name.Name + "."
	}
	return ""
}
