//! Log and metrics. Neither ever holds a secret: bodies, cookies, keys and tickets are not logged.

use metrics_exporter_prometheus::PrometheusBuilder;
use metrics_exporter_prometheus::PrometheusHandle;
use tracing_subscriber::EnvFilter;

/// Starts the log on stderr: readable on a terminal, JSON elsewhere. `filter` is `RUST_LOG`.
pub fn start_log(filter: Option<&str>) {
    let filter =
        EnvFilter::try_new(filter.unwrap_or("info")).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second start (in tests) keeps the first one's writer.
    let _ = if std::io::IsTerminal::is_terminal(&std::io::stderr()) {
        builder.compact().try_init()
    } else {
        builder.json().flatten_event(true).try_init()
    };
}

/// Starts the recorder of metrics; the handle renders them for `/metrics`.
pub fn start_metrics() -> PrometheusHandle {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    let _ = metrics::set_global_recorder(recorder); // set before, in tests: they keep the first
    handle
}
