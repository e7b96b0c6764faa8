package metrics

import (
	"encoding/json"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

var (
	selector = regexp.MustCompile(`\b((?:mealbuddy|go|process)_\w+)(?:\{([^}]*)\})?`)
	matcher  = regexp.MustCompile(`(\w+)\s*(?:=~|!~|!=|=)\s*"[^"]*"`)
	grouping = regexp.MustCompile(`\bby \(([^)]*)\)`)
)

// exported checks that all metrics in an expression exist, with all labels that it uses.
// It returns their names.
func exported(t *testing.T, known map[string][]string, where, expr string) (names []string) {
	t.Helper()
	found := selector.FindAllStringSubmatch(expr, -1)
	if !assert.NotEmpty(t, found, "%s: %s", where, expr) {
		return nil
	}
	everywhere := []string{"instance", "job"} // added by Prometheus
	grouped := slices.Clone(everywhere)
	for _, m := range found {
		name := m[1]
		labels, ok := known[name]
		if base, bucket := strings.CutSuffix(name, "_bucket"); bucket && !ok {
			name = base
			labels, ok = known[name]
			labels = append(slices.Clone(labels), "le")
		}
		assert.True(t, ok, "%s: there is no metric %s", where, m[1])
		names = append(names, name)
		grouped = append(grouped, labels...)
		for _, l := range matcher.FindAllStringSubmatch(m[2], -1) {
			assert.Contains(t, append(everywhere, labels...), l[1], "%s: %s", where, m[0])
		}
	}
	for _, list := range grouping.FindAllStringSubmatch(expr, -1) {
		assert.Subset(t, grouped, strings.Split(list[1], ", "), "%s: %s", where, expr)
	}
	return names
}

func TestAlerts(t *testing.T) {
	text, err := os.ReadFile("alerts.yaml")
	require.NoError(t, err)
	var file struct {
		Groups []struct {
			Name  string
			Rules []struct {
				Alert, Expr         string
				For                 string
				Labels, Annotations map[string]string
			}
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &file))
	require.Len(t, file.Groups, 1)
	known := described(t)
	known["up"] = nil
	seen := map[string]bool{}
	for _, rule := range file.Groups[0].Rules {
		assert.Regexp(t, `^MealBuddy\w+$`, rule.Alert)
		assert.False(t, seen[rule.Alert], "%s is there twice", rule.Alert)
		seen[rule.Alert] = true
		assert.Contains(t, []string{"page", "ticket"}, rule.Labels["severity"], rule.Alert)
		assert.NotEmpty(t, rule.Annotations["summary"], rule.Alert)
		assert.NotEmpty(t, rule.Annotations["description"], rule.Alert)
		assert.True(t, strings.HasSuffix(rule.Annotations["runbook_url"], "/docs/operate.md#"+strings.ToLower(rule.Alert)), rule.Alert)
		if !strings.HasPrefix(rule.Expr, "up{") { // built into Prometheus
			exported(t, known, rule.Alert, rule.Expr)
		}
	}
	document, err := os.ReadFile("../../docs/operate.md")
	require.NoError(t, err)
	for name := range seen {
		assert.Contains(t, string(document), "\n### "+name+"\n")
	}
}

func TestTheDocumentTellsOfAllMetrics(t *testing.T) {
	document, err := os.ReadFile("../../docs/operate.md")
	require.NoError(t, err)
	for name := range described(t) {
		if short, ours := strings.CutPrefix(name, namespace); ours {
			assert.True(t, strings.Contains(string(document), "`"+short+"`"), "docs/operate.md does not tell of %s", name)
		}
	}
}

func TestDashboard(t *testing.T) {
	text, err := os.ReadFile("dashboard.json")
	require.NoError(t, err)
	var board struct {
		Title       string
		Annotations struct{ List []struct{ Expr string } }
		Templating  struct {
			List []struct{ Name, Query string }
		}
		Panels []struct {
			ID          int
			Type, Title string
			GridPos     struct{ X, Y, W, H int }
			Targets     []struct{ Expr, LegendFormat string }
		}
	}
	require.NoError(t, json.Unmarshal(text, &board))
	require.NotEmpty(t, board.Panels)
	known := described(t)
	shown := map[string]bool{}
	ids := map[int]bool{}
	for _, p := range board.Panels {
		assert.False(t, ids[p.ID], "two panels are number %d", p.ID)
		ids[p.ID] = true
		assert.LessOrEqual(t, p.GridPos.X+p.GridPos.W, 24, p.Title)
		if p.Type != "row" {
			assert.NotEmpty(t, p.Targets, p.Title)
		}
		for _, target := range p.Targets {
			assert.NotEmpty(t, target.LegendFormat, p.Title)
			for _, name := range exported(t, known, p.Title, target.Expr) {
				shown[name] = true
			}
		}
	}
	for _, a := range board.Annotations.List {
		exported(t, known, "an annotation", a.Expr)
	}
	for _, v := range board.Templating.List {
		if v.Name == "instance" {
			exported(t, known, v.Name, v.Query)
		}
	}
	for name := range known {
		if strings.HasPrefix(name, namespace) {
			assert.True(t, shown[name], "no panel shows %s", name)
		}
	}
}

// Grafana and Prometheus of docker-compose.yml find what is theirs.
func TestMonitoring(t *testing.T) {
	const root = "../../"
	load := func(path string, into any) {
		t.Helper()
		text, err := os.ReadFile(root + path)
		require.NoError(t, err)
		require.NoError(t, yaml.Unmarshal(text, into), path)
	}
	var compose struct {
		Services map[string]struct {
			Profiles, Ports, Volumes []string
			Environment              map[string]string
		}
	}
	load("docker-compose.yml", &compose)
	mounted := map[string]string{} // what is where in the container, to what is here
	for _, name := range []string{"prometheus", "grafana"} {
		s := compose.Services[name]
		assert.Equal(t, []string{"monitoring"}, s.Profiles, name)
		for _, v := range s.Volumes {
			if from, to, _ := strings.Cut(v, ":"); strings.HasPrefix(from, "./") {
				to, readOnly := strings.CutSuffix(to, ":ro")
				assert.True(t, readOnly, v)
				mounted[name+":"+to] = strings.TrimPrefix(from, "./")
				assert.DirExists(t, root+strings.TrimPrefix(path.Dir(from), "./"))
			}
		}
	}
	assert.Empty(t, compose.Services["prometheus"].Ports)
	assert.Equal(t, []string{"${MEALBUDDY_GRAFANA:-127.0.0.1:3000}:3000"}, compose.Services["grafana"].Ports)

	var prometheus struct {
		ScrapeConfigs []struct {
			JobName       string                       `yaml:"job_name"`
			StaticConfigs []struct{ Targets []string } `yaml:"static_configs"`
		} `yaml:"scrape_configs"`
		RuleFiles []string `yaml:"rule_files"`
	}
	load(mounted["prometheus:/etc/prometheus/prometheus.yml"], &prometheus)
	require.Len(t, prometheus.ScrapeConfigs, 1)
	assert.Equal(t, "mealbuddy", prometheus.ScrapeConfigs[0].JobName, "the alerts expect it")
	for _, target := range prometheus.ScrapeConfigs[0].StaticConfigs[0].Targets {
		node, port, _ := strings.Cut(target, ":")
		assert.Equal(t, node+".${COMPOSE_PROJECT_NAME}_monitor:"+port, compose.Services[node].Environment["MEALBUDDY_DEBUG_ADDR"])
	}
	require.Len(t, prometheus.RuleFiles, 1)
	assert.Equal(t, "adapter/metrics/alerts.yaml", mounted["prometheus:/etc/prometheus/"+prometheus.RuleFiles[0]])

	provisioning := mounted["grafana:/etc/grafana/provisioning"]
	var sources struct {
		Datasources []struct {
			UID, Type, URL string
			IsDefault      bool `yaml:"isDefault"`
		}
	}
	load(provisioning+"/datasources/prometheus.yaml", &sources)
	require.Len(t, sources.Datasources, 1)
	assert.Equal(t, "http://prometheus:9090", sources.Datasources[0].URL)
	assert.True(t, sources.Datasources[0].IsDefault)
	var board struct {
		UID        string
		Templating struct {
			List []struct{ Name, Type, Query string }
		}
	}
	home := compose.Services["grafana"].Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
	load(mounted["grafana:"+home], &board)
	assert.Equal(t, "mealbuddy", board.UID)
	for _, v := range board.Templating.List {
		if v.Type == "datasource" {
			assert.Equal(t, sources.Datasources[0].Type, v.Query, "the dashboard lets one choose of these, the default first")
		}
	}
	var boards struct {
		Providers []struct {
			Type    string
			Options struct{ Path string }
		}
	}
	load(provisioning+"/dashboards/mealbuddy.yaml", &boards)
	require.Len(t, boards.Providers, 1)
	assert.Equal(t, "file", boards.Providers[0].Type)
	assert.Equal(t, path.Dir(home), boards.Providers[0].Options.Path)
}

func TestExportedFindsWhatIsWrong(t *testing.T) {
	known := map[string][]string{"mealbuddy_requests_total": {"route"}, "mealbuddy_took_seconds": {"route"}}
	for expr, right := range map[string]bool{
		`rate(mealbuddy_requests_total{route="/", job="x"}[5m])`:                       true,
		`sum by (le, route) (rate(mealbuddy_took_seconds_bucket{route!~"/ws.*"}[5m]))`: true,
		`rate(mealbuddy_request_total[5m])`:                                            false,
		`rate(mealbuddy_requests_total{path="/"}[5m])`:                                 false,
		`sum by (path) (rate(mealbuddy_requests_total[5m]))`:                           false,
		`sum by (le) (rate(mealbuddy_requests_total[5m]))`:                             false,
		`vector(1)`: false,
	} {
		quiet := &testing.T{}
		exported(quiet, known, "a test", expr)
		assert.Equal(t, right, !quiet.Failed(), expr)
	}
}
