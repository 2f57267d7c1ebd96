// Reads what is deployed as those do for whom it is written. Nothing is started.
//
//	validation compose FILE       prints the project as JSON, read with the library of `docker compose`
//	validation dockerfile FILE    prints the user of the image, read with the library of BuildKit
//	validation mongodb FILE       prints as JSON what the script makes in a server that is empty
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

func main() {
	read := map[string]func(string) (string, error){
		"compose": compose, "dockerfile": dockerfile, "mongodb": mongodb,
	}
	kind, path := os.Args[1], os.Args[2]
	text, err := read[kind](path)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %s\n", path, err)
		os.Exit(1)
	}
	fmt.Println(text)
}

func compose(path string) (string, error) {
	options, err := cli.NewProjectOptions([]string{path}, cli.WithEnvFiles(), cli.WithDotEnv)
	if err != nil {
		return "", err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return "", err
	}
	text, err := project.MarshalJSON()
	return string(text), err
}

// The user is that of the base, and nothing is printed, where the last stage names none.
func dockerfile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	read, err := parser.Parse(file)
	if err != nil {
		return "", err
	}
	var warnings []string
	for _, warning := range read.Warnings {
		warnings = append(warnings, warning.Short)
	}
	lint := linter.New(&linter.Config{
		Warn: func(rule, _, _, message string, _ []parser.Range) {
			warnings = append(warnings, rule+": "+message)
		},
	})
	stages, _, err := instructions.Parse(read.AST, lint)
	if err != nil {
		return "", err
	}
	if len(warnings) > 0 {
		return "", fmt.Errorf("%s", strings.Join(warnings, "; "))
	}
	user := ""
	for _, command := range stages[len(stages)-1].Commands {
		if named, is := command.(*instructions.UserCommand); is {
			user = named.User
		}
	}
	return user, nil
}
