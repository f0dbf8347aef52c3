// Package extract takes the text out of PDF and DOCX files in a child process,
// so that a file made to loop, or to fill the memory, ends the child and
// nothing else.
//
// [Extractor.Text] starts this very program again with the argument
// [Command]; the child puts itself under limits, reads the file from standard
// input and writes the text to standard output ([Child]). The readers are pure
// and fuzzed.
package extract
