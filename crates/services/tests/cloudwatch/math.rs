//! GetMetricData with expressions.

use serde_json::{Value, json};
use testkit::ManualClock;

use crate::support::Server;

const NOW: i64 = ManualClock::START.seconds();

async fn world() -> Server {
    let server = Server::start().await;
    let datum = |name: &str, age: i64, value: f64| json!({"MetricName": name, "Timestamp": NOW - age, "Value": value});
    let data =
        [datum("A", 180, 1.0), datum("A", 120, 2.0), datum("A", 60, 3.0), datum("B", 180, 10.0), datum("B", 60, 0.0)];
    server.cloudwatch("PutMetricData", &json!({"Namespace": "Site", "MetricData": data})).await.ok();
    server
}

fn metric(id: &str, name: &str, period: i64) -> Value {
    let metric = json!({"Namespace": "Site", "MetricName": name});
    json!({"Id": id, "ReturnData": false, "MetricStat": {"Metric": metric, "Period": period, "Stat": "Sum"}})
}

fn expression(id: &str, text: &str) -> Value {
    json!({"Id": id, "Expression": text})
}

fn question(queries: &[Value]) -> Value {
    json!({"MetricDataQueries": queries, "StartTime": NOW - 240, "EndTime": NOW, "ScanBy": "TimestampAscending"})
}

#[tokio::test]
async fn expressions_are_computed_over_the_metrics_beside_them() {
    let server = world().await;
    let metrics = [metric("a", "A", 60), metric("b", "B", 60)];
    for (text, ages, values) in [
        ("a * 10", vec![180, 120, 60], vec![10.0, 20.0, 30.0]),
        ("a / b", vec![180], vec![0.1]),
        ("SUM(METRICS())", vec![180, 120, 60], vec![11.0, 2.0, 3.0]),
        ("FILL(b, 5)", vec![240, 180, 120, 60], vec![5.0, 10.0, 5.0, 0.0]),
        ("IF(a > 1, 1, 0)", vec![180, 120, 60], vec![0.0, 1.0, 1.0]),
    ] {
        let mut queries = metrics.to_vec();
        queries.push(expression("e", text));
        let answer = server.cloudwatch("GetMetricData", &question(&queries)).await.ok().json();
        let results = answer["MetricDataResults"].as_array().unwrap();
        assert_eq!(results.len(), 1, "{text}: {answer}");
        assert_eq!((&results[0]["Id"], &results[0]["Label"]), (&json!("e"), &json!("e")), "{text}");
        let found: Vec<f64> =
            results[0]["Timestamps"].as_array().unwrap().iter().map(|at| at.as_f64().unwrap()).collect();
        let expected: Vec<f64> = ages.iter().map(|age| (NOW - age) as f64).collect();
        assert_eq!(found, expected, "{text}");
        assert_eq!(results[0]["Values"], json!(values), "{text}");
    }
}

#[tokio::test]
async fn a_list_of_series_comes_in_several_results_and_in_pages_of_any_size() {
    let server = world().await;
    let queries = [metric("a", "A", 60), metric("b", "B", 60), expression("all", "METRICS() * 2")];
    for size in 1..=6 {
        let mut asked = question(&queries);
        asked["MaxDatapoints"] = json!(size);
        let mut found = std::collections::BTreeMap::<String, Vec<f64>>::new();
        for _ in 0..10 {
            let page = server.cloudwatch("GetMetricData", &asked).await.ok().json();
            for result in page["MetricDataResults"].as_array().unwrap() {
                assert_eq!(result["Id"], json!("all"));
                let values = result["Values"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap());
                found.entry(result["Label"].as_str().unwrap().to_owned()).or_default().extend(values);
            }
            match page.get("NextToken") {
                Some(token) => asked["NextToken"] = token.clone(),
                None => break,
            }
        }
        let expected = [("A", vec![2.0, 4.0, 6.0]), ("B", vec![20.0, 0.0])];
        assert_eq!(found, expected.map(|(label, values)| (label.to_owned(), values)).into(), "pages of {size}");
    }
}

#[tokio::test]
async fn expressions_speak_all_protocols() {
    let server = world().await;
    let form = [
        ("StartTime", "2026-11-20T11:56:00Z"),
        ("EndTime", "2026-11-20T12:00:00Z"),
        ("MetricDataQueries.member.1.Id", "a"),
        ("MetricDataQueries.member.1.ReturnData", "false"),
        ("MetricDataQueries.member.1.MetricStat.Metric.Namespace", "Site"),
        ("MetricDataQueries.member.1.MetricStat.Metric.MetricName", "A"),
        ("MetricDataQueries.member.1.MetricStat.Period", "60"),
        ("MetricDataQueries.member.1.MetricStat.Stat", "Sum"),
        ("MetricDataQueries.member.2.Id", "e"),
        ("MetricDataQueries.member.2.Expression", "RUNNING_SUM(a)"),
        ("ScanBy", "TimestampAscending"),
    ];
    let xml = server.cloudwatch_form("GetMetricData", &form).await.ok();
    assert!(xml.text().contains("<Label>e</Label>"), "{}", xml.text());
    let queries = [metric("a", "A", 60), expression("e", "RUNNING_SUM(a)")];
    let cbor = server.cloudwatch_cbor("GetMetricData", &question(&queries)).await.ok();
    let answer = crate::support::cbor::decode(&cbor.body);
    let values: Vec<f64> = answer["MetricDataResults"][0]["Values"]
        .as_array()
        .unwrap()
        .iter()
        .map(|value| value.as_f64().unwrap())
        .collect();
    assert_eq!(values, [1.0, 3.0, 6.0]);
}

#[tokio::test]
async fn wrong_expressions_are_refused() {
    let server = world().await;
    let (a, hour) = (metric("a", "A", 60), metric("h", "A", 300));
    let with = |query: &Value, member: &str, value: Value| {
        let mut query = query.clone();
        query[member] = value;
        query
    };
    for (queries, part) in [
        (vec![a.clone(), expression("e", "a +")], "a value is missing"),
        (vec![a.clone(), expression("e", "x * 2")], "no query with the id x"),
        (vec![a.clone(), expression("e", "e * 2")], "depends on itself"),
        (vec![a.clone(), expression("e", "SUM(a)")], "comes to a number"),
        (vec![a.clone(), expression("e", "SEARCH('{A} b', 'Sum', 60)")], "SEARCH is not supported"),
        (vec![a.clone(), expression("e", "ANOMALY_DETECTION_BAND(a, 2)")], "ANOMALY_DETECTION_BAND is not supported"),
        (vec![a.clone(), hour, expression("e", "a + h")], "the same period"),
        (vec![expression("e", "TIME_SERIES(1)")], "needs a Period"),
        (vec![with(&a, "Expression", json!("1"))], "exclude each other"),
        (vec![json!({"Id": "e"})], "one of MetricStat and Expression"),
        (vec![a.clone()], "at least one query must return data"),
        (vec![a.clone(), a.clone()], "id of its own"),
        (vec![with(&expression("e", "1"), "Id", json!("E"))], "lower-case letter"),
        (vec![a, with(&expression("e", "1"), "Label", json!("${LAST}"))], "labels with"),
    ] {
        let reply = server.cloudwatch("GetMetricData", &question(&queries)).await;
        assert_eq!(reply.status, 400, "{queries:?}: {}", reply.text());
        assert_eq!(reply.json()["__type"], json!("ValidationException"), "{queries:?}");
        assert!(reply.text().contains(part), "{part}: {}", reply.text());
    }
}
