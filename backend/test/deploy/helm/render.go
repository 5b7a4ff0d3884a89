// Renders the chart as Helm does, for machines without Helm: Go's own templates, the functions of sprig without those
// that Helm removes, and the ones that Helm adds. Reads cases as JSON from standard input, writes results as JSON.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

type testCase struct {
	Name   string                 `json:"name"`
	Values map[string]interface{} `json:"values"`
	// What `lookup` finds, by kind and name.
	Cluster map[string]map[string]interface{} `json:"cluster"`
}

type result struct {
	Files map[string]string `json:"files"`
	Error string            `json:"error"`
}

func main() {
	var cases []testCase
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		panic(err)
	}
	results := map[string]result{}
	for _, one := range cases {
		files, err := render(os.Args[1], one)
		if err != nil {
			results[one.Name] = result{Error: err.Error()}
		} else {
			results[one.Name] = result{Files: files}
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		panic(err)
	}
}

func render(folder string, one testCase) (map[string]string, error) {
	text, err := os.ReadFile(filepath.Join(folder, "Chart.yaml"))
	if err != nil {
		return nil, err
	}
	var raw map[string]interface{}
	if err := yaml.Unmarshal(text, &raw); err != nil {
		return nil, err
	}
	chart := map[string]interface{}{}
	for key, value := range raw {
		chart[strings.ToUpper(key[:1])+key[1:]] = value
	}
	base := fmt.Sprint(raw["name"]) + "/templates"
	root := template.New("root").Option("missingkey=zero")
	root.Funcs(functions(root, one))
	paths, err := filepath.Glob(filepath.Join(folder, "templates", "*"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if _, err := root.New(base + "/" + filepath.Base(path)).Parse(string(text)); err != nil {
			return nil, err
		}
	}
	files := map[string]string{}
	for _, path := range paths {
		name := filepath.Base(path)
		if strings.HasPrefix(name, "_") {
			continue
		}
		var out strings.Builder
		err := root.ExecuteTemplate(&out, base+"/"+name, map[string]interface{}{
			"Values":       one.Values,
			"Chart":        chart,
			"Release":      map[string]interface{}{"Name": "chat", "Namespace": "team", "Service": "Helm", "IsInstall": true},
			"Template":     map[string]interface{}{"Name": base + "/" + name, "BasePath": base},
			"Capabilities": map[string]interface{}{"KubeVersion": map[string]interface{}{"Version": "v1.34.0"}},
		})
		if err != nil {
			return nil, err
		}
		// Helm does this too.
		files[name] = strings.ReplaceAll(out.String(), "<no value>", "")
	}
	return files, nil
}

func functions(root *template.Template, one testCase) template.FuncMap {
	all := sprig.TxtFuncMap()
	delete(all, "env")
	delete(all, "expandenv")
	all["include"] = func(name string, data interface{}) (string, error) {
		var out strings.Builder
		err := root.ExecuteTemplate(&out, name, data)
		return out.String(), err
	}
	all["tpl"] = func(text string, data interface{}) (string, error) {
		copied, err := root.Clone()
		if err != nil {
			return "", err
		}
		parsed, err := copied.New("tpl").Parse(text)
		if err != nil {
			return "", err
		}
		var out strings.Builder
		err = parsed.Execute(&out, data)
		return out.String(), err
	}
	all["required"] = func(warning string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return nil, errors.New(warning)
		}
		return value, nil
	}
	all["toYaml"] = func(value interface{}) string {
		text, err := yaml.Marshal(value)
		if err != nil {
			return ""
		}
		return strings.TrimSuffix(string(text), "\n")
	}
	all["lookup"] = func(version, kind, namespace, name string) map[string]interface{} {
		if found, isThere := one.Cluster[kind][name].(map[string]interface{}); isThere {
			return found
		}
		return map[string]interface{}{}
	}
	return all
}
