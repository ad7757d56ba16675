//! Metric data in and out, over JSON, CBOR and query.

use std::io::Write;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::ManualClock;

use crate::support::{Reply, Server, Signing, cbor, post};

/// The clock's first moment, in seconds.
const NOW: i64 = ManualClock::START.seconds();

/// One value of `Site Load`, `age` seconds old.
fn datum(age: i64, value: f64) -> Value {
    json!({"MetricName": "Load", "Timestamp": NOW - age, "Value": value})
}

async fn put(server: &Server, data: &[Value]) -> Reply {
    server.cloudwatch("PutMetricData", &json!({"Namespace": "Site", "MetricData": data})).await
}

fn question(age: i64, period: i64, statistics: &[&str]) -> Value {
    json!({"Namespace": "Site", "MetricName": "Load", "StartTime": NOW - age, "EndTime": NOW, "Period": period,
           "Statistics": statistics})
}

fn query(id: &str, metric: &str, stat: &str) -> Value {
    let metric = json!({"Namespace": "Site", "MetricName": metric});
    json!({"Id": id, "MetricStat": {"Metric": metric, "Period": 60, "Stat": stat}})
}

/// What JSON clients are told: status, shape, code behind `x-amzn-query-error`.
fn refusal(reply: &Reply) -> (u16, String, String) {
    let header = reply.headers.get("x-amzn-query-error").map(|value| value.to_str().unwrap().to_owned());
    let shape = reply.json()["__type"].as_str().unwrap_or_default().to_owned();
    (reply.status, shape, header.unwrap_or_default())
}

#[tokio::test]
async fn what_one_protocol_records_every_protocol_reads() {
    let server = Server::start().await;
    let data = json!({"Namespace": "Site", "MetricData": [
        {"MetricName": "Load", "Timestamp": NOW - 90, "Unit": "Percent",
         "Dimensions": [{"Name": "Host", "Value": "a"}], "Values": [1.5, 4.0], "Counts": [3.0, 1.0]}]});
    server.cloudwatch("PutMetricData", &data).await.ok();
    server.cloudwatch_cbor("PutMetricData", &data).await.ok();
    let form = [
        ("Namespace", "Site"),
        ("MetricData.member.1.MetricName", "Load"),
        ("MetricData.member.1.Timestamp", "2026-11-20T11:58:30Z"),
        ("MetricData.member.1.Unit", "Percent"),
        ("MetricData.member.1.Dimensions.member.1.Name", "Host"),
        ("MetricData.member.1.Dimensions.member.1.Value", "a"),
        ("MetricData.member.1.Values.member.1", "1.5"),
        ("MetricData.member.1.Values.member.2", "4"),
        ("MetricData.member.1.Counts.member.1", "3"),
        ("MetricData.member.1.Counts.member.2", "1"),
    ];
    server.cloudwatch_form("PutMetricData", &form).await.ok();

    let mut asked = question(120, 60, &["SampleCount", "Sum", "Average", "Minimum", "Maximum"]);
    asked["Dimensions"] = json!([{"Name": "Host", "Value": "a"}]);
    let datapoint = json!({"Timestamp": NOW - 120, "SampleCount": 12.0, "Sum": 25.5, "Average": 2.125, "Minimum": 1.5,
                           "Maximum": 4.0, "Unit": "Percent"});
    let json = server.cloudwatch("GetMetricStatistics", &asked).await.ok();
    assert_eq!(numbers(&json.json()), numbers(&json!({"Label": "Load", "Datapoints": [datapoint]})));
    let cbor_reply = server.cloudwatch_cbor("GetMetricStatistics", &asked).await.ok();
    assert_eq!(numbers(&cbor::decode(&cbor_reply.body)), numbers(&json.json()));
    assert_eq!(cbor_reply.headers["smithy-protocol"], "rpc-v2-cbor");
    let mut form = vec![
        ("Namespace", "Site"),
        ("MetricName", "Load"),
        ("StartTime", "2026-11-20T11:58:00Z"),
        ("EndTime", "2026-11-20T12:00:00.000Z"),
        ("Period", "60"),
        ("Dimensions.member.1.Name", "Host"),
        ("Dimensions.member.1.Value", "a"),
    ];
    let names = ["SampleCount", "Sum", "Average", "Minimum", "Maximum"];
    let keys: Vec<String> = (1..=5).map(|n| format!("Statistics.member.{n}")).collect();
    form.extend(keys.iter().map(String::as_str).zip(names));
    let xml = server.cloudwatch_form("GetMetricStatistics", &form).await.ok();
    let read: Vec<f64> = names.iter().map(|name| xml.one(name).parse().unwrap()).collect();
    assert_eq!(read, [12.0, 25.5, 2.125, 1.5, 4.0]);
    assert_eq!((xml.one("Timestamp"), xml.one("Unit")), ("2026-11-20T11:58:00.000Z".into(), "Percent".into()));
}

/// The same value with every number as a double: protocols differ in how they write whole numbers.
fn numbers(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(items) => items.iter().map(numbers).collect(),
        Value::Object(members) => Value::Object(members.iter().map(|(k, v)| (k.clone(), numbers(v))).collect()),
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
    }
}

#[tokio::test]
async fn each_protocol_shows_errors_in_its_own_form() {
    let server = Server::start().await;
    let bad = json!({"Namespace": "AWS/EC2", "MetricData": [datum(60, 1.0)]});
    let json = server.cloudwatch("PutMetricData", &bad).await;
    let expected = (400, "InvalidParameterValueException".to_owned(), "InvalidParameterValue;Sender".to_owned());
    assert_eq!(refusal(&json), expected);
    let cbor_reply = server.cloudwatch_cbor("PutMetricData", &bad).await;
    assert_eq!(cbor_reply.status, 400);
    let body = cbor::decode(&cbor_reply.body);
    assert_eq!((&body["__type"], &body["message"]), (&json.json()["__type"], &json.json()["message"]));
    assert_eq!(cbor_reply.headers["x-amzn-query-error"], "InvalidParameterValue;Sender");
    let form =
        [("Namespace", "AWS/EC2"), ("MetricData.member.1.MetricName", "Load"), ("MetricData.member.1.Value", "1")];
    let xml = server.cloudwatch_form("PutMetricData", &form).await;
    assert_eq!((xml.error(), xml.one("Type")), ((400, "InvalidParameterValue".into()), "Sender".into()));
}

#[tokio::test]
async fn what_cannot_be_recorded_is_refused_as_a_whole() {
    let server = Server::start().await;
    let with = |member: &str, value: Value| {
        let mut datum = datum(60, 1.0);
        datum[member] = value;
        datum
    };
    let dimension = |name: &str, value: &str| json!({"Name": name, "Value": value});
    let dimensions: Vec<Value> = (0..31).map(|n| dimension(&format!("d{n}"), "x")).collect();
    let set = json!({"SampleCount": 1, "Sum": 1, "Minimum": 1, "Maximum": 1});
    let (value, combination, missing) =
        ("InvalidParameterValueException", "InvalidParameterCombinationException", "MissingRequiredParameterException");
    let table = [
        (json!({"Value": 1.0}), missing),
        (json!({"MetricName": "Load"}), missing),
        (with("MetricName", json!("")), value),
        (with("MetricName", json!(" ")), value),
        (with("MetricName", json!("x".repeat(256))), value),
        (with("Value", json!("NaN")), value),
        (with("Value", json!("Infinity")), value),
        (with("Value", json!(1e300)), value),
        (with("Value", json!("many")), value),
        (with("Values", json!([1.0])), combination),
        (with("StatisticValues", set), combination),
        (with("Unit", json!("Parsecs")), value),
        (with("StorageResolution", json!(30)), value),
        (with("StorageResolution", json!(0)), value),
        (with("Timestamp", json!(NOW - 15 * 86_400)), value),
        (with("Timestamp", json!(NOW + 3 * 3600)), value),
        (with("Timestamp", json!("yesterday")), value),
        (with("Dimensions", json!(dimensions)), value),
        (with("Dimensions", json!([dimension("", "x")])), value),
        (with("Dimensions", json!([dimension("Host", "")])), value),
        (with("Dimensions", json!([dimension(":Host", "a")])), value),
        (with("Dimensions", json!([dimension("Host", "서울")])), value),
        (with("Dimensions", json!([dimension("Host", "a"), dimension("Host", "b")])), value),
        (with("Entity", json!({})), value),
    ];
    for (bad, shape) in table {
        let reply = put(&server, &[datum(60, 1.0), bad.clone()]).await;
        let (status, found, _) = refusal(&reply);
        assert_eq!((status, found.as_str()), (400, shape), "{bad}: {}", reply.text());
    }
    let metrics = server.cloudwatch("ListMetrics", &json!({})).await.ok().json();
    assert_eq!(metrics["Metrics"], json!([]));
}

#[tokio::test]
async fn a_request_has_at_most_a_thousand_metrics() {
    let server = Server::start().await;
    put(&server, &vec![datum(60, 1.0); 1000]).await.ok();
    let refused = put(&server, &vec![datum(60, 1.0); 1001]).await;
    assert_eq!(refusal(&refused).1, "InvalidParameterValueException");
    assert_eq!(refusal(&put(&server, &[]).await).1, "MissingRequiredParameterException");
    let counted = server.cloudwatch("GetMetricStatistics", &question(120, 60, &["SampleCount"])).await.ok().json();
    assert_eq!(counted["Datapoints"][0]["SampleCount"], json!(1000.0));
}

#[tokio::test]
async fn compressed_requests_are_read() {
    let server = Server::start().await;
    let body = json!({"Namespace": "Site", "MetricData": [datum(60, 7.0)]}).to_string();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(body.as_bytes()).unwrap();
    let mut request = post("/", "application/x-amz-json-1.0", encoder.finish().unwrap());
    let headers = request.headers_mut();
    headers.insert("content-encoding", "gzip".parse().unwrap());
    headers.insert("x-amz-target", "GraniteServiceVersion20100801.PutMetricData".parse().unwrap());
    server.send(server.sign(&server.signing("monitoring"), request)).await.ok();
    let read = server.cloudwatch("GetMetricStatistics", &question(120, 60, &["Sum"])).await.ok().json();
    assert_eq!(read["Datapoints"][0]["Sum"], json!(7.0));
}

#[tokio::test]
async fn questions_that_cannot_be_answered_are_refused() {
    let server = Server::start().await;
    put(&server, &[datum(60, 1.0)]).await.ok();
    let with = |member: &str, value: Value| {
        let mut question = question(3600, 60, &["Sum"]);
        question[member] = value;
        question
    };
    let (value, combination, missing) =
        ("InvalidParameterValueException", "InvalidParameterCombinationException", "MissingRequiredParameterException");
    let table = [
        (with("Period", json!(0)), value),
        (with("Period", json!(-60)), value),
        (with("Period", json!(45)), value),
        (with("Period", json!(61)), value),
        (with("Period", json!(1)), combination),
        (with("StartTime", json!(NOW)), value),
        (with("StartTime", json!(NOW - 86_401)), combination),
        (with("StartTime", json!(NOW - 16 * 86_400)), value),
        (with("EndTime", json!(NOW - 3600)), value),
        (with("Statistics", json!([])), value),
        (with("Statistics", json!(["Median"])), value),
        (with("Statistics", Value::Null), missing),
        (with("ExtendedStatistics", json!(["p50"])), combination),
        (with("Unit", json!("Parsecs")), value),
        (with("MetricName", Value::Null), missing),
        (with("Colour", json!("red")), value),
    ];
    for (bad, shape) in table {
        let reply = server.cloudwatch("GetMetricStatistics", &bad).await;
        let (status, found, _) = refusal(&reply);
        assert_eq!((status, found.as_str()), (400, shape), "{bad}: {}", reply.text());
    }
    let mut percentile = with("ExtendedStatistics", json!(["p101"]));
    percentile.as_object_mut().unwrap().remove("Statistics");
    assert_eq!(refusal(&server.cloudwatch("GetMetricStatistics", &percentile).await).1, value);
}

#[tokio::test]
async fn percentiles_come_from_the_values_themselves() {
    let server = Server::start().await;
    let values: Vec<Value> = (1..=100).map(|n| datum(60, f64::from(n))).collect();
    put(&server, &values).await.ok();
    let set = json!({"SampleCount": 3, "Sum": 9, "Minimum": 1, "Maximum": 5});
    put(&server, &[json!({"MetricName": "Sums", "Timestamp": NOW - 60, "StatisticValues": set})]).await.ok();
    let mut asked = question(120, 60, &[]);
    asked.as_object_mut().unwrap().remove("Statistics");
    asked["ExtendedStatistics"] = json!(["p50", "p99.9"]);
    let read = server.cloudwatch("GetMetricStatistics", &asked).await.ok().json();
    assert_eq!(read["Datapoints"][0]["ExtendedStatistics"], json!({"p50": 50.0, "p99.9": 100.0}));
    asked["MetricName"] = json!("Sums");
    let read = server.cloudwatch("GetMetricStatistics", &asked).await.ok().json();
    assert_eq!(read["Datapoints"][0].get("ExtendedStatistics"), None, "{read}");
}

#[tokio::test]
async fn values_of_different_units_are_different_datapoints() {
    let server = Server::start().await;
    let of = |unit: &str, value: f64| {
        let mut datum = datum(60, value);
        datum["Unit"] = json!(unit);
        datum
    };
    put(&server, &[of("Seconds", 1.0), of("Count", 2.0), datum(60, 4.0)]).await.ok();
    let asked = question(120, 60, &["Sum"]);
    let points = server.cloudwatch("GetMetricStatistics", &asked).await.ok().json()["Datapoints"].take();
    let mut found: Vec<(String, f64)> = points.as_array().unwrap().iter().map(unit_and_sum).collect();
    found.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(found, [("Count".to_owned(), 2.0), ("None".to_owned(), 4.0), ("Seconds".to_owned(), 1.0)]);
    let mut seconds = asked;
    seconds["Unit"] = json!("Seconds");
    let points = server.cloudwatch("GetMetricStatistics", &seconds).await.ok().json()["Datapoints"].take();
    assert_eq!(points.as_array().unwrap().iter().map(unit_and_sum).collect::<Vec<_>>(), [("Seconds".to_owned(), 1.0)]);
    // GetMetricData has no units in its answer: all count together.
    let asked = json!({"MetricDataQueries": [query("m", "Load", "Sum")], "StartTime": NOW - 120, "EndTime": NOW});
    let read = server.cloudwatch("GetMetricData", &asked).await.ok().json();
    assert_eq!(read["MetricDataResults"][0]["Values"], json!([7.0]));
}

fn unit_and_sum(point: &Value) -> (String, f64) {
    (point["Unit"].as_str().unwrap().to_owned(), point["Sum"].as_f64().unwrap())
}

#[tokio::test]
async fn metric_data_comes_in_both_orders_and_in_pages_of_any_size() {
    let server = Server::start().await;
    let of = |metric: &str, age: i64, value: f64| json!({"MetricName": metric, "Timestamp": NOW - age, "Value": value});
    let data = [of("A", 240, 1.0), of("A", 180, 2.0), of("A", 60, 3.0), of("C", 120, 9.0), of("C", 60, 8.0)];
    put(&server, &data).await.ok();
    let mut hidden = query("h", "C", "Sum");
    hidden["ReturnData"] = json!(false);
    let queries = json!([query("a", "A", "Sum"), query("b", "B", "Sum"), hidden, query("c", "C", "Average")]);
    for (order, a, c) in
        [("TimestampAscending", [1.0, 2.0, 3.0], [9.0, 8.0]), ("TimestampDescending", [3.0, 2.0, 1.0], [8.0, 9.0])]
    {
        for size in 1..=6 {
            let mut asked = json!({"MetricDataQueries": queries, "StartTime": NOW - 300, "EndTime": NOW,
                                   "ScanBy": order, "MaxDatapoints": size});
            let mut found = std::collections::BTreeMap::<String, Vec<f64>>::new();
            let mut statuses = Vec::new();
            for page in 1.. {
                assert!(page < 20, "pages without end");
                let read = server.cloudwatch("GetMetricData", &asked).await.ok().json();
                let mut count = 0;
                for result in read["MetricDataResults"].as_array().unwrap() {
                    let id = result["Id"].as_str().unwrap().to_owned();
                    let values = result["Values"].as_array().unwrap();
                    assert_eq!(values.len(), result["Timestamps"].as_array().unwrap().len());
                    count += values.len();
                    found.entry(id.clone()).or_default().extend(values.iter().map(|value| value.as_f64().unwrap()));
                    statuses.push((id, result["StatusCode"].as_str().unwrap().to_owned()));
                }
                assert!(count <= size, "{count} datapoints in a page of {size}");
                let Some(token) = read.get("NextToken") else { break };
                asked["NextToken"] = token.clone();
            }
            let expected = [("a", a.to_vec()), ("b", vec![]), ("c", c.to_vec())];
            let expected = expected.map(|(id, values)| (id.to_owned(), values)).into();
            assert_eq!(found, expected, "{order} in pages of {size}");
            let complete = statuses.iter().filter(|(_, status)| status == "Complete").count();
            assert_eq!(complete, 3, "{statuses:?}");
        }
    }
}

#[tokio::test]
async fn bad_metric_data_queries_are_refused() {
    let server = Server::start().await;
    let asked = |queries: Value| json!({"MetricDataQueries": queries, "StartTime": NOW - 300, "EndTime": NOW});
    let with = |path: &str, value: Value| {
        let mut query = query("a", "A", "Sum");
        *query.pointer_mut(path).unwrap() = value;
        asked(json!([query]))
    };
    let and = |member: &str, value: Value| {
        let mut query = query("a", "A", "Sum");
        query[member] = value;
        asked(json!([query]))
    };
    let many: Vec<Value> = (0..501).map(|n| query(&format!("q{n}"), "A", "Sum")).collect();
    let mut backwards = asked(json!([query("a", "A", "Sum")]));
    backwards["EndTime"] = json!(NOW - 300);
    let mut no_page = asked(json!([query("a", "A", "Sum")]));
    no_page["MaxDatapoints"] = json!(0);
    let mut foreign = asked(json!([query("a", "A", "Sum")]));
    foreign["NextToken"] = json!("AAAA");
    let validation = "ValidationException";
    let table = [
        (asked(json!([])), validation),
        (asked(json!(many)), validation),
        (asked(json!([query("a", "A", "Sum"), query("a", "B", "Sum")])), validation),
        (with("/Id", json!("Upper")), validation),
        (with("/MetricStat/Period", json!(7)), validation),
        (with("/MetricStat/Stat", json!("tm99")), validation),
        (with("/MetricStat/Metric", json!({"Namespace": "Site"})), validation),
        (and("MetricStat", Value::Null), validation),
        (and("ReturnData", json!(false)), validation),
        (and("Label", json!("${MAX}")), validation),
        (and("Expression", json!("a + b")), validation),
        (backwards, validation),
        (no_page, validation),
        (foreign, "InvalidNextToken"),
    ];
    for (bad, shape) in table {
        let reply = server.cloudwatch("GetMetricData", &bad).await;
        let (status, found, _) = refusal(&reply);
        assert_eq!((status, found.as_str()), (400, shape), "{:.200}: {}", bad.to_string(), reply.text());
    }
}

#[tokio::test]
async fn metrics_are_listed_by_namespace_name_and_dimensions() {
    let server = Server::start().await;
    let host = |name: &str| json!([{"Name": "Host", "Value": name}]);
    let of = |metric: &str, dimensions: Value| json!({"MetricName": metric, "Value": 1.0, "Dimensions": dimensions});
    put(&server, &[of("Load", host("a")), of("Load", host("b")), of("Load", json!([])), of("Heat", host("a"))])
        .await
        .ok();
    server.clock.advance(Duration::from_secs(4 * 3600));
    let mut counted = of("Heat", host("a"));
    counted["Unit"] = json!("Count");
    put(&server, &[counted]).await.ok();

    let table = [
        (json!({}), 4),
        (json!({"Namespace": "Site"}), 4),
        (json!({"Namespace": "site"}), 0),
        (json!({"MetricName": "Load"}), 3),
        (json!({"Dimensions": [{"Name": "Host"}]}), 3),
        (json!({"MetricName": "Load", "Dimensions": [{"Name": "Host", "Value": "b"}]}), 1),
        (json!({"RecentlyActive": "PT3H"}), 1),
    ];
    for (filter, expected) in table {
        let listed = server.cloudwatch("ListMetrics", &filter).await.ok().json();
        assert_eq!(listed["Metrics"].as_array().map(Vec::len), Some(expected), "{filter}: {listed}");
        assert_eq!(listed.get("NextToken"), None, "{filter}");
    }
    server.clock.advance(Duration::from_secs(14 * 86_400 + 1));
    assert_eq!(server.cloudwatch("ListMetrics", &json!({})).await.ok().json()["Metrics"], json!([]));
}

#[tokio::test]
async fn five_hundred_metrics_fit_on_a_page() {
    let server = Server::start().await;
    let data: Vec<Value> = (0..1000).map(|n| json!({"MetricName": format!("m{n:04}"), "Value": 1.0})).collect();
    put(&server, &data).await.ok();
    put(&server, &[json!({"MetricName": "m9999", "Value": 1.0})]).await.ok();
    let mut names = Vec::new();
    let mut asked = json!({"Namespace": "Site"});
    for size in [500, 500, 1] {
        server.clock.advance(Duration::from_secs(60));
        let page = server.cloudwatch("ListMetrics", &asked).await.ok().json();
        let metrics = page["Metrics"].as_array().unwrap();
        assert_eq!(metrics.len(), size);
        names.extend(metrics.iter().map(|metric| metric["MetricName"].as_str().unwrap().to_owned()));
        asked["NextToken"] = page.get("NextToken").cloned().unwrap_or(Value::Null);
    }
    assert_eq!(asked["NextToken"], Value::Null);
    assert!(names.is_sorted() && names.len() == 1001);
    let other = server.cloudwatch("ListMetrics", &json!({"NextToken": "AAAA"})).await;
    assert_eq!(refusal(&other).1, "InvalidParameterValueException");
}

#[tokio::test]
async fn regions_and_their_metrics_are_apart() {
    let server = Server::start().await;
    put(&server, &[datum(60, 1.0)]).await.ok();
    let elsewhere = Signing { region: "eu-west-1".into(), ..server.signing("monitoring") };
    let listed = server.form(&elsewhere, "2010-08-01", "ListMetrics", &[]).await.ok();
    assert!(listed.all("MetricName").is_empty());
    let listed = server.cloudwatch_form("ListMetrics", &[]).await.ok();
    assert_eq!(listed.all("MetricName"), ["Load"]);
}
