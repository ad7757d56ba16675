//! The operations on alarms. What becomes of alarms is tested with the controller.

use serde_json::{Value, json};

use crate::support::{Reply, Server};

/// An alarm that is put as it is.
fn definition(name: &str) -> Value {
    json!({
        "AlarmName": name, "Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "Statistic": "Average", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 70.0, "ComparisonOperator": "GreaterThanThreshold",
        "Dimensions": [{"Name": "AutoScalingGroupName", "Value": "web"}],
    })
}

fn with(member: &str, value: Value) -> Value {
    let mut definition = definition("high");
    definition[member] = value;
    definition
}

async fn put(server: &Server, definition: &Value) -> Reply {
    server.cloudwatch("PutMetricAlarm", definition).await
}

async fn composite(server: &Server, name: &str, rule: &str) -> Reply {
    server.cloudwatch("PutCompositeAlarm", &json!({"AlarmName": name, "AlarmRule": rule})).await
}

async fn describe(server: &Server, input: Value) -> Value {
    server.cloudwatch("DescribeAlarms", &input).await.ok().json()
}

/// Names of metric and composite alarms in an answer.
fn names(answer: &Value) -> (Vec<String>, Vec<String>) {
    let of = |member: &str| {
        let alarms = answer[member].as_array().cloned().unwrap_or_default();
        alarms.iter().map(|alarm| alarm["AlarmName"].as_str().unwrap().to_owned()).collect()
    };
    (of("MetricAlarms"), of("CompositeAlarms"))
}

fn topic(name: &str) -> String {
    format!("arn:aws:sns:ap-northeast-2:123456789012:{name}")
}

fn code(reply: &Reply) -> (u16, String) {
    (reply.status, reply.json()["__type"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn an_alarm_is_shown_as_it_was_put() {
    let server = Server::start().await;
    let mut wanted = definition("high");
    let more = json!({
        "AlarmDescription": "too busy", "ActionsEnabled": false, "EvaluationPeriods": 5, "DatapointsToAlarm": 3,
        "TreatMissingData": "notBreaching", "Unit": "Percent",
    });
    wanted.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    put(&server, &wanted).await.ok();
    let answer = describe(&server, json!({})).await;
    let shown = &answer["MetricAlarms"][0];
    for (member, value) in wanted.as_object().unwrap() {
        assert_eq!(&shown[member], value, "{member}");
    }
    assert_eq!(shown["StateValue"], json!("INSUFFICIENT_DATA"));
    assert_eq!(shown["StateReason"], json!("Unchecked: Initial alarm creation"));
    let arn = shown["AlarmArn"].as_str().unwrap();
    assert!(arn.starts_with("arn:aws:cloudwatch:") && arn.ends_with(":alarm:high"), "{arn}");
    assert_eq!((&shown["OKActions"], &shown["AlarmActions"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn alarms_speak_all_protocols() {
    let server = Server::start().await;
    let form = [
        ("AlarmName", "form"),
        ("Namespace", "Site"),
        ("MetricName", "Load"),
        ("Statistic", "Sum"),
        ("Period", "10"),
        ("EvaluationPeriods", "2"),
        ("Threshold", "1.5"),
        ("ComparisonOperator", "LessThanOrEqualToThreshold"),
    ];
    server.cloudwatch_form("PutMetricAlarm", &form).await.ok();
    server.cloudwatch_cbor("PutMetricAlarm", &definition("cbor")).await.ok();
    put(&server, &definition("json")).await.ok();
    let expected = ["cbor", "form", "json"];
    assert_eq!(names(&describe(&server, json!({})).await).0, expected);
    let cbor = server.cloudwatch_cbor("DescribeAlarms", &json!({})).await.ok();
    assert_eq!(names(&crate::support::cbor::decode(&cbor.body)).0, expected);
    let xml = server.cloudwatch_form("DescribeAlarms", &[]).await.ok();
    assert_eq!(xml.all("AlarmName"), expected);
    assert_eq!(xml.all("Threshold"), ["70.0", "1.5", "70.0"]);
}

#[tokio::test]
async fn what_cannot_be_an_alarm_is_refused() {
    let server = Server::start().await;
    let (value, combination, missing, validation) = (
        "InvalidParameterValueException",
        "InvalidParameterCombinationException",
        "MissingRequiredParameterException",
        "ValidationException",
    );
    let metric = |id: &str, period: i64, returned: bool| {
        json!({"Id": id, "ReturnData": returned, "MetricStat": {
            "Metric": {"Namespace": "Site", "MetricName": id}, "Period": period, "Stat": "Sum"}})
    };
    let math = |queries: Vec<Value>| {
        json!({"AlarmName": "math", "EvaluationPeriods": 1, "Threshold": 1, "Metrics": queries,
               "ComparisonOperator": "GreaterThanThreshold"})
    };
    let expression = |text: &str| json!({"Id": "e", "Expression": text});
    let table = [
        (with("AlarmName", json!("")), value),
        (with("AlarmName", json!("x".repeat(256))), value),
        (with("AlarmName", json!("a\u{1}b")), value),
        (with("EvaluationPeriods", json!(0)), value),
        (with("EvaluationPeriods", json!(-1)), value),
        (with("EvaluationPeriods", json!(1441)), value),
        (with("EvaluationPeriods", Value::Null), missing),
        (with("DatapointsToAlarm", json!(0)), value),
        (with("DatapointsToAlarm", json!(2)), value),
        (with("Period", json!(15)), value),
        (with("Period", json!(0)), value),
        (with("Period", json!(61)), value),
        (with("Period", json!(1)), value),
        (with("Period", Value::Null), missing),
        (with("Period", json!(7 * 86_400 + 3600)), value),
        (with("Threshold", json!("NaN")), value),
        (with("Threshold", json!("Infinity")), value),
        (with("Threshold", json!("-Infinity")), value),
        (with("Threshold", Value::Null), missing),
        (with("ComparisonOperator", json!("GreaterThanUpperThreshold")), value),
        (with("ComparisonOperator", json!("AboutThreshold")), value),
        (with("ComparisonOperator", Value::Null), missing),
        (with("Statistic", json!("Median")), value),
        (with("Statistic", Value::Null), missing),
        (with("ExtendedStatistic", json!("p90")), combination),
        (with("TreatMissingData", json!("MISSING")), value),
        (with("EvaluateLowSampleCountPercentile", json!("ignore")), validation),
        (with("MetricName", Value::Null), missing),
        (with("Namespace", Value::Null), missing),
        (with("Unit", json!("Parsecs")), value),
        (with("ThresholdMetricId", json!("ad1")), combination),
        (with("AlarmActions", json!(["not-an-arn"])), value),
        (with("AlarmActions", json!(vec![topic("t"); 6])), value),
        (with("AlarmActions", json!(["arn:aws:automate:ap-northeast-2:ec2:stop"])), value),
        (with("AlarmActions", json!(["arn:aws:lambda:ap-northeast-2:123456789012:function:f"])), value),
        (with("AlarmActions", json!(["arn:aws:sns:xx-west-9:123456789012:t"])), value),
        (with("OKActions", json!(["arn:aws:autoscaling:ap-northeast-2:123456789012:autoScalingGroup:1"])), value),
        (with("Tags", json!([{"Key": "aws:x", "Value": "1"}])), value),
        (with("Metrics", json!([metric("m", 60, true)])), validation),
        (math(vec![metric("m", 60, false), expression("SUM(m)")]), value),
        (math(vec![metric("m", 60, false), expression("METRICS()")]), value),
        (math(vec![metric("m", 60, true), expression("m * 2")]), value),
        (math(vec![metric("m", 60, false)]), value),
        (math(vec![metric("m", 60, false), metric("n", 300, false), expression("m + n")]), value),
        (math(vec![metric("m", 15, false), expression("m * 2")]), value),
        (math(vec![metric("m", 60, false), expression("SEARCH('x', 'Sum', 60)")]), value),
        (math(vec![json!({"Id": "e", "Expression": "TIME_SERIES(1)", "Period": 60})]), value),
        (math((0..11).map(|n| metric(&format!("m{n}"), 60, n == 0)).collect()), value),
    ];
    for (bad, shape) in table {
        let reply = put(&server, &bad).await;
        assert_eq!(code(&reply), (400, shape.to_owned()), "{bad}: {}", reply.text());
    }
    let mut median = definition("high");
    median.as_object_mut().unwrap().remove("Statistic");
    median["ExtendedStatistic"] = json!("tm90");
    let reply = put(&server, &median).await;
    assert!(code(&reply).1 == value && reply.text().contains("tm90"), "{}", reply.text());
    assert_eq!(names(&describe(&server, json!({})).await).0, Vec::<String>::new());
}

#[tokio::test]
async fn putting_an_alarm_again_keeps_its_state_and_deleting_it_does_not() {
    let server = Server::start().await;
    put(&server, &definition("high")).await.ok();
    let set = json!({"AlarmName": "high", "StateValue": "ALARM", "StateReason": "a drill"});
    server.cloudwatch("SetAlarmState", &set).await.ok();
    put(&server, &with("Threshold", json!(80.0))).await.ok();
    let shown = describe(&server, json!({})).await["MetricAlarms"][0].take();
    assert_eq!((&shown["StateValue"], &shown["StateReason"]), (&json!("ALARM"), &json!("a drill")));
    assert_eq!(shown["Threshold"], json!(80.0));
    server.cloudwatch("DeleteAlarms", &json!({"AlarmNames": ["high", "nobody"]})).await.ok();
    put(&server, &definition("high")).await.ok();
    let shown = describe(&server, json!({})).await["MetricAlarms"][0].take();
    assert_eq!(shown["StateValue"], json!("INSUFFICIENT_DATA"));
    let history = server.cloudwatch("DescribeAlarmHistory", &json!({"AlarmName": "high"})).await.ok().json();
    let kinds: Vec<&str> = history["AlarmHistoryItems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["HistoryItemType"].as_str().unwrap())
        .collect();
    let update = "ConfigurationUpdate";
    assert_eq!(kinds, [update, update, update, "StateUpdate", update], "{history}");
}

#[tokio::test]
async fn states_are_set_on_alarms_that_exist() {
    let server = Server::start().await;
    let set = |name: &str, data: &str| json!({"AlarmName": name, "StateValue": "OK", "StateReason": "x", "StateReasonData": data});
    let missing = server.cloudwatch("SetAlarmState", &set("nobody", "{}")).await;
    assert_eq!(code(&missing), (404, "ResourceNotFound".to_owned()));
    put(&server, &definition("high")).await.ok();
    let broken = server.cloudwatch("SetAlarmState", &set("high", "{")).await;
    assert_eq!(code(&broken), (400, "InvalidFormatFault".to_owned()));
    let mut wrong = set("high", "{}");
    wrong["StateValue"] = json!("WARNING");
    assert_eq!(code(&server.cloudwatch("SetAlarmState", &wrong).await).0, 400);
    server.cloudwatch("SetAlarmState", &set("high", "{\"a\":1}")).await.ok();
    let shown = describe(&server, json!({})).await["MetricAlarms"][0].take();
    assert_eq!((&shown["StateValue"], &shown["StateReasonData"]), (&json!("OK"), &json!("{\"a\":1}")));
}

#[tokio::test]
async fn alarms_are_found_by_name_prefix_state_action_and_kind() {
    let server = Server::start().await;
    for name in ["cpu-high", "cpu-low", "disk"] {
        let mut wanted = definition(name);
        if name == "disk" {
            wanted["OKActions"] = json!([topic("disk-mails")]);
        }
        put(&server, &wanted).await.ok();
    }
    composite(&server, "cpu-any", "ALARM(\"cpu-high\") OR ALARM(\"cpu-low\")").await.ok();
    server
        .cloudwatch("SetAlarmState", &json!({"AlarmName": "cpu-low", "StateValue": "OK", "StateReason": "x"}))
        .await
        .ok();
    let both = json!(["MetricAlarm", "CompositeAlarm"]);
    for (input, metric, composites) in [
        (json!({}), vec!["cpu-high", "cpu-low", "disk"], vec![]),
        (json!({"AlarmTypes": both}), vec!["cpu-high", "cpu-low", "disk"], vec!["cpu-any"]),
        (json!({"AlarmTypes": ["CompositeAlarm"]}), vec![], vec!["cpu-any"]),
        (json!({"AlarmNames": ["disk", "nobody", "cpu-low"]}), vec!["cpu-low", "disk"], vec![]),
        (json!({"AlarmNamePrefix": "cpu-", "AlarmTypes": both}), vec!["cpu-high", "cpu-low"], vec!["cpu-any"]),
        (json!({"StateValue": "OK"}), vec!["cpu-low"], vec![]),
        (json!({"ActionPrefix": "arn:aws:sns"}), vec!["disk"], vec![]),
        (json!({"ChildrenOfAlarmName": "cpu-any"}), vec!["cpu-high", "cpu-low"], vec![]),
        (json!({"ParentsOfAlarmName": "cpu-low", "AlarmTypes": ["CompositeAlarm"]}), vec![], vec!["cpu-any"]),
    ] {
        let found = names(&describe(&server, input.clone()).await);
        let expected = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(found, (expected(metric), expected(composites)), "{input}");
    }
    for bad in [
        json!({"AlarmNames": ["disk"], "AlarmNamePrefix": "d"}),
        json!({"ChildrenOfAlarmName": "cpu-any", "StateValue": "OK"}),
        json!({"ChildrenOfAlarmName": "cpu-any", "ParentsOfAlarmName": "cpu-low"}),
        json!({"MaxRecords": 101}),
        json!({"MaxRecords": 0}),
        json!({"NextToken": "nonsense"}),
    ] {
        let reply = server.cloudwatch("DescribeAlarms", &bad).await;
        assert_eq!(reply.status, 400, "{bad}: {}", reply.text());
    }
}

#[tokio::test]
async fn alarms_and_their_history_come_in_pages_of_any_size() {
    let server = Server::start().await;
    for n in 0..5 {
        put(&server, &definition(&format!("alarm-{n}"))).await.ok();
    }
    composite(&server, "all", "ALARM(\"alarm-0\")").await.ok();
    for size in 1..=7 {
        let mut asked = json!({"MaxRecords": size, "AlarmTypes": ["MetricAlarm", "CompositeAlarm"]});
        let mut found = Vec::new();
        for _ in 0..7 {
            let page = describe(&server, asked.clone()).await;
            let (metric, composite) = names(&page);
            found.extend(metric.into_iter().chain(composite));
            match page.get("NextToken") {
                Some(token) => asked["NextToken"] = token.clone(),
                None => break,
            }
        }
        assert_eq!(found, ["alarm-0", "alarm-1", "alarm-2", "alarm-3", "alarm-4", "all"], "pages of {size}");
        let mut asked = json!({"MaxRecords": size, "ScanBy": "TimestampAscending"});
        let mut items = 0;
        for _ in 0..7 {
            let page = server.cloudwatch("DescribeAlarmHistory", &asked).await.ok().json();
            items += page["AlarmHistoryItems"].as_array().unwrap().len();
            match page.get("NextToken") {
                Some(token) => asked["NextToken"] = token.clone(),
                None => break,
            }
        }
        assert_eq!(items, 5, "pages of {size}");
    }
}

#[tokio::test]
async fn composite_alarms_have_rules_over_alarms_that_exist_and_never_over_themselves() {
    let server = Server::start().await;
    put(&server, &definition("high")).await.ok();
    for rule in ["", "ALARM(", "ALARM(nobody)", "MAYBE(high)", "ALARM(both)"] {
        let reply = composite(&server, "both", rule).await;
        assert_eq!(reply.status, 400, "{rule}: {}", reply.text());
    }
    composite(&server, "a", "ALARM(high)").await.ok();
    composite(&server, "b", "ALARM(a)").await.ok();
    let cycle = composite(&server, "a", "ALARM(b)").await;
    assert!(code(&cycle).1 == "ValidationException" && cycle.text().contains("depend on itself"), "{}", cycle.text());
    for (reply, part) in [
        (composite(&server, "high", "TRUE").await, "metric alarm"),
        (put(&server, &definition("a")).await, "composite alarm"),
        (server.cloudwatch("DeleteAlarms", &json!({"AlarmNames": ["high"]})).await, "depends on it"),
        (server.cloudwatch("DeleteAlarms", &json!({"AlarmNames": ["a", "b"]})).await, "at most one composite"),
    ] {
        assert!(reply.status == 400 && reply.text().contains(part), "{part}: {}", reply.text());
    }
    let suppressed = json!({"AlarmName": "c", "AlarmRule": "TRUE", "ActionsSuppressor": "high"});
    assert!(server.cloudwatch("PutCompositeAlarm", &suppressed).await.text().contains("ActionsSuppressor"));
    let scaling = json!({"AlarmName": "c", "AlarmRule": "TRUE", "AlarmActions":
        ["arn:aws:autoscaling:ap-northeast-2:123456789012:scalingPolicy:1:autoScalingGroupName/web:policyName/out"]});
    assert_eq!(server.cloudwatch("PutCompositeAlarm", &scaling).await.status, 400);
    for name in ["b", "a"] {
        server.cloudwatch("DeleteAlarms", &json!({"AlarmNames": [name, "nobody"]})).await.ok();
    }
    let both = json!({"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]});
    assert_eq!(names(&describe(&server, both).await), (vec!["high".to_owned()], vec![]));
}

#[tokio::test]
async fn actions_are_switched_and_tags_changed() {
    let server = Server::start().await;
    put(&server, &with("Tags", json!([{"Key": "team", "Value": "web"}]))).await.ok();
    let enabled = async || describe(&server, json!({})).await["MetricAlarms"][0]["ActionsEnabled"].take();
    assert_eq!(enabled().await, json!(true));
    server.cloudwatch("DisableAlarmActions", &json!({"AlarmNames": ["high", "nobody"]})).await.ok();
    assert_eq!(enabled().await, json!(false));
    server.cloudwatch("EnableAlarmActions", &json!({"AlarmNames": ["high"]})).await.ok();
    assert_eq!(enabled().await, json!(true));

    let arn = describe(&server, json!({})).await["MetricAlarms"][0]["AlarmArn"].take();
    let tags = async || {
        server.cloudwatch("ListTagsForResource", &json!({"ResourceARN": arn})).await.ok().json()["Tags"].take()
    };
    let more =
        json!({"ResourceARN": arn, "Tags": [{"Key": "stage", "Value": "test"}, {"Key": "team", "Value": "ops"}]});
    server.cloudwatch("TagResource", &more).await.ok();
    assert_eq!(tags().await, json!([{"Key": "stage", "Value": "test"}, {"Key": "team", "Value": "ops"}]));
    server.cloudwatch("UntagResource", &json!({"ResourceARN": arn, "TagKeys": ["team", "x"]})).await.ok();
    assert_eq!(tags().await, json!([{"Key": "stage", "Value": "test"}]));
    let nobody = arn.as_str().unwrap().replace(":high", ":nobody");
    let missing = server.cloudwatch("ListTagsForResource", &json!({"ResourceARN": nobody})).await;
    assert_eq!(code(&missing), (404, "ResourceNotFoundException".to_owned()));
}

#[tokio::test]
async fn alarms_are_found_by_their_metric_also_inside_expressions() {
    let server = Server::start().await;
    put(&server, &definition("high")).await.ok();
    let metric = json!({"Namespace": "AWS/EC2", "MetricName": "CPUUtilization",
                        "Dimensions": [{"Name": "AutoScalingGroupName", "Value": "web"}]});
    let queries = json!([
        {"Id": "m", "ReturnData": false, "MetricStat": {"Metric": metric, "Period": 300, "Stat": "p90"}},
        {"Id": "e", "Expression": "m * 2", "Label": "twice"},
    ]);
    let math = json!({"AlarmName": "math", "EvaluationPeriods": 1, "Threshold": 1, "Metrics": queries,
                      "ComparisonOperator": "GreaterThanThreshold"});
    put(&server, &math).await.ok();
    let shown = describe(&server, json!({"AlarmNames": ["math"]})).await["MetricAlarms"][0].take();
    assert_eq!(shown["Metrics"][1], json!({"Id": "e", "Expression": "m * 2", "Label": "twice", "ReturnData": true}));
    assert_eq!(shown.get("Period"), None, "{shown}");
    let ask = async |more: Value| {
        let mut asked = metric.clone();
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        names(&server.cloudwatch("DescribeAlarmsForMetric", &asked).await.ok().json()).0
    };
    assert_eq!(ask(json!({})).await, ["high", "math"]);
    assert_eq!(ask(json!({"Statistic": "Average"})).await, ["high"]);
    assert_eq!(ask(json!({"ExtendedStatistic": "p90"})).await, ["math"]);
    assert_eq!(ask(json!({"Period": 60})).await, ["high"]);
    assert_eq!(ask(json!({"Dimensions": []})).await, Vec::<String>::new());
}
