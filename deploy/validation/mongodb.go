package main

import (
	_ "embed"
	"fmt"
	"os"

	"github.com/dop251/goja"
)

//go:embed mongosh.js
var mongosh string

// Twice, as the health check runs it again and again: the second time it makes nothing.
func mongodb(path string) (string, error) {
	script, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	runtime := goja.New()
	if _, err := runtime.RunScript("mongosh.js", mongosh); err != nil {
		return "", err
	}
	made := func() (string, error) {
		// Its constants are its own in each run.
		if _, err := runtime.RunScript(path, "{"+string(script)+"\n}"); err != nil {
			return "", err
		}
		text, err := runtime.RunString("JSON.stringify(made)")
		if err != nil {
			return "", err
		}
		return text.String(), nil
	}
	first, err := made()
	if err != nil {
		return "", err
	}
	second, err := made()
	if err == nil && first != second {
		err = fmt.Errorf("a second run changes %s to %s", first, second)
	}
	return first, err
}
