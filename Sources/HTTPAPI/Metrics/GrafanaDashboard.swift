/// A dashboard for Grafana over what `/metrics` tells. A test holds its queries against the families of the page.
enum GrafanaDashboard {
  /// One panel: a title, a unit of Grafana's, and a query a curve.
  struct Panel {
    var title: String
    var unit = "short"
    /// The query and the curve's name.
    var curves: [(query: String, name: String)]
    var kind = "timeseries"
    /// Of the 24 columns.
    var width = 8
  }

  static let panels: [Panel] = [
    Panel(
      title: "Printing", curves: [("sum(fabline_machine_phase{phase=\"printing\"})", "machines")],
      kind: "stat", width: 4),
    Panel(
      title: "Needs a person",
      curves: [
        ("sum(fabline_machine_phase{phase=~\"needsAttention|killed|linkLost|noDriver\"})", "machines")
      ],
      kind: "stat", width: 4),
    Panel(
      title: "Waiting", curves: [("sum(fabline_jobs{state=~\"queued|held\"})", "jobs")], kind: "stat",
      width: 4),
    Panel(
      title: "Time left", unit: "s", curves: [("fabline_print_remaining_seconds", "{{machine}}")],
      kind: "stat", width: 12),
    Panel(title: "Progress", unit: "percentunit", curves: [("fabline_print_progress_ratio", "{{machine}}")]),
    Panel(
      title: "Temperatures", unit: "celsius",
      curves: [
        ("fabline_heater_celsius{machine=~\"$machine\"}", "{{machine}} {{heater}}"),
        ("fabline_heater_target_celsius{machine=~\"$machine\"} > 0", "{{machine}} {{heater}} target"),
      ]),
    Panel(
      title: "Phase",
      curves: [("fabline_machine_phase{machine=~\"$machine\"} == 1", "{{machine}} {{phase}}")],
      kind: "state-timeline"),
    Panel(title: "Jobs by state", curves: [("fabline_jobs", "{{state}}")]),
    Panel(
      title: "Attempts that ended, a day",
      curves: [("delta(fabline_attempts{state=~\"done|failed|cancelled|uncertain\"}[1d])", "{{state}}")]),
    Panel(
      title: "Wait in the queue", unit: "s",
      curves: [
        ("histogram_quantile(0.5, sum by (le) (fabline_queue_wait_seconds_bucket))", "half of the jobs"),
        ("histogram_quantile(0.9, sum by (le) (fabline_queue_wait_seconds_bucket))", "nine of ten"),
      ]),
    Panel(
      title: "Round trip, p99", unit: "s",
      curves: [
        (
          "histogram_quantile(0.99, sum by (le, machine) "
            + "(rate(fabline_link_round_trip_seconds_bucket{machine=~\"$machine\"}[5m])))", "{{machine}}"
        )
      ]),
    Panel(
      title: "Sent again and damaged, a second", unit: "cps",
      curves: [
        ("rate(fabline_link_resends_total{machine=~\"$machine\"}[5m])", "{{machine}} sent again"),
        (
          "sum by (machine) (rate(fabline_link_damaged_total{machine=~\"$machine\"}[5m]))",
          "{{machine}} damaged"
        ),
        ("rate(fabline_link_lost_oks_total{machine=~\"$machine\"}[5m])", "{{machine}} lost ok"),
      ]),
    Panel(
      title: "Planner dry", unit: "percentunit",
      curves: [("rate(fabline_link_starved_seconds_total{machine=~\"$machine\"}[5m])", "{{machine}}")]),
    Panel(
      title: "Processor", unit: "percentunit",
      curves: [
        ("rate(fabline_driver_cpu_seconds_total[5m])", "driver {{machine}}"),
        ("rate(process_cpu_seconds_total{job=~\"fabline.*\"}[5m])", "supervisor"),
      ]),
    Panel(
      title: "Memory", unit: "bytes",
      curves: [
        ("fabline_driver_resident_memory_bytes", "driver {{machine}}"),
        ("process_resident_memory_bytes{job=~\"fabline.*\"}", "supervisor"),
      ]),
    Panel(
      title: "Requests a second", unit: "reqps",
      curves: [("sum by (code) (rate(fabline_http_requests_total[5m]))", "{{code}}")]),
  ]

  /// The document as Grafana imports it; it asks for the data source then.
  static var document: JSONValue {
    [
      "title": "Fabline", "uid": "fabline", "schemaVersion": 39, "version": 1, "refresh": "10s",
      "editable": true, "tags": ["fabline"], "time": ["from": "now-6h", "to": "now"],
      "__inputs": [
        [
          "name": "DS_PROMETHEUS", "label": "Prometheus", "type": "datasource", "pluginId": "prometheus",
          "pluginName": "Prometheus",
        ]
      ],
      "__requires": [["type": "datasource", "id": "prometheus", "name": "Prometheus", "version": "1.0.0"]],
      "templating": [
        "list": [
          [
            "name": "machine", "type": "query", "datasource": source, "includeAll": true, "multi": true,
            "query": "label_values(fabline_machine_info, machine)", "refresh": 2,
            "current": ["text": "All", "value": "$__all"],
          ]
        ]
      ],
      "panels": .list(placed()),
    ]
  }

  private static let source: JSONValue = ["type": "prometheus", "uid": "${DS_PROMETHEUS}"]

  /// From left to right, row by row.
  private static func placed() -> [JSONValue] {
    var column = 0
    var row = 0
    var height = 0
    var result: [JSONValue] = []
    for (index, panel) in panels.enumerated() {
      if column + panel.width > 24 {
        row += height
        (column, height) = (0, 0)
      }
      let own = panel.kind == "stat" ? 4 : 8
      result.append(made(panel, number: index + 1, x: column, y: row, height: own))
      column += panel.width
      height = max(height, own)
    }
    return result
  }

  private static func made(_ panel: Panel, number: Int, x: Int, y: Int, height: Int) -> JSONValue {
    let targets = panel.curves.enumerated().map { index, curve -> JSONValue in
      [
        "refId": .text("\("ABCDEFGH".dropFirst(index).prefix(1))"), "expr": .text(curve.query),
        "legendFormat": .text(curve.name), "datasource": source,
      ]
    }
    return [
      "id": .number(number), "title": .text(panel.title), "type": .text(panel.kind), "datasource": source,
      "gridPos": ["x": .number(x), "y": .number(y), "w": .number(panel.width), "h": .number(height)],
      "fieldConfig": ["defaults": ["unit": .text(panel.unit), "min": 0], "overrides": []],
      "targets": .list(targets),
    ]
  }
}
