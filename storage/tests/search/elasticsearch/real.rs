//! What runs on a server.

use std::time::Duration;

use elasticsearch::Elasticsearch;
use elasticsearch::http::Method;
use elasticsearch::http::headers::HeaderMap;
use elasticsearch::http::transport::{SingleNodeConnectionPool, TransportBuilder};
use serde_json::{Value, json};
use storage::search::{Entry, Error, Fields, SharedSearch, open, open_read_only};
use tempfile::TempDir;

use crate::contract::{self, all, an_entry, fields, g, ids, text};
use crate::read_only;

/// A prefix of its own, whose indices are removed at the end if the server still does so. Its folder
/// lends it a name that no other has.
struct Prefix {
    server: String,
    folder: TempDir,
}

impl Prefix {
    fn new(variable: &str) -> Self {
        let server =
            std::env::var(variable).unwrap_or_else(|_| panic!("{variable} names no server"));
        let folder = tempfile::Builder::new().prefix("jangteo-").tempdir().unwrap();
        Self { server: server.trim_end_matches('/').to_owned(), folder }
    }

    fn name(&self) -> String {
        self.folder.path().file_name().unwrap().to_str().unwrap().to_lowercase()
    }

    async fn open(&self) -> SharedSearch {
        self.open_with("").await.unwrap()
    }

    async fn open_with(&self, more: &str) -> Result<SharedSearch, Error> {
        open(&format!("{}?prefix={}{more}", self.server, self.name())).await
    }

    /// Opens with a file of names.
    async fn knowing(&self, names: &str) -> SharedSearch {
        let file = self.folder.path().join("names");
        std::fs::write(&file, names).unwrap();
        self.open_with(&format!("&lexicon={}", file.display())).await.unwrap()
    }

    async fn ask(&self, method: Method, path: &str, body: &Value) -> Value {
        let pool = SingleNodeConnectionPool::new(self.server.parse().unwrap());
        let transport = TransportBuilder::new(pool).disable_proxy().build().unwrap();
        let client = Elasticsearch::new(transport);
        let body = if body.is_null() { None } else { Some(body.to_string()) };
        let path = format!("{}_{path}", self.name());
        let sent = client.send(method, &path, HeaderMap::new(), None::<&()>, body, None);
        sent.await.unwrap().json().await.unwrap()
    }
}

impl Drop for Prefix {
    fn drop(&mut self) {
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.unwrap().block_on(async {
                    for generation in 1..=2 {
                        self.ask(Method::Delete, &format!("g{generation}"), &Value::Null).await;
                    }
                });
            });
        });
    }
}

async fn an_index() -> (Prefix, SharedSearch) {
    let prefix = Prefix::new("JANGTEO_TEST_ELASTICSEARCH");
    let search = prefix.open().await;
    (prefix, search)
}

contract::run_on!(an_index);

#[tokio::test]
async fn another_process_reads_what_this_one_writes() {
    let (prefix, search) = an_index().await;
    search.declare(g(1)).await.unwrap();
    let other = prefix.open().await;
    for position in 1..=5 {
        let entry = an_entry("a", position, "아이폰");
        search.put(g(1), vec![entry.clone()]).await.unwrap();
        assert_eq!(other.scan(g(1), None, 10).await.unwrap(), [entry]);
    }
}

#[tokio::test]
async fn a_reader_makes_no_index_and_no_alias() {
    let prefix = Prefix::new("JANGTEO_TEST_ELASTICSEARCH");
    let reader = open_read_only(&format!("{}?prefix={}", prefix.server, prefix.name())).await;
    let reader = reader.unwrap();
    read_only::a_reader_of_nothing_writes_nothing(&reader).await;
    // Aliases are told with their indices.
    assert_eq!(prefix.ask(Method::Get, "g*", &Value::Null).await, json!({}));
    read_only::a_reader_sees_what_is_written(&reader, prefix.open().await).await;
}

#[tokio::test]
async fn a_put_of_many_is_written_in_bulks() {
    let (_prefix, search) = an_index().await;
    search.declare(g(1)).await.unwrap();
    let description = "설명 ".repeat(2_000);
    let entry = |number: u64| {
        let fields = Fields { description: description.clone(), ..fields("책") };
        Entry { fields: Some(fields), ..an_entry(&format!("{number:04}"), 1, "") }
    };
    search.put(g(1), (0..1_100).map(entry).collect()).await.unwrap();
    assert_eq!(search.search(g(1), &text("책")).await.unwrap().total, 1_100);
}

#[tokio::test]
async fn every_entry_that_the_index_refuses_is_named_and_the_others_are_written() {
    let (_prefix, search) = an_index().await;
    search.declare(g(1)).await.unwrap();
    let endless = Fields { brand: Some("가".repeat(20_000)), ..fields("책") };
    let endless = |id| Entry { fields: Some(endless.clone()), ..an_entry(id, 1, "") };
    let entries = vec![an_entry("a", 1, "책"), endless("b"), an_entry("c", 1, "책"), endless("d")];
    let refused = search.put(g(1), entries).await.unwrap_err();
    let Error::Refused(refused) = refused else { panic!("{refused:?}") };
    let named: Vec<&str> = refused.iter().map(|refused| refused.id.as_str()).collect();
    assert_eq!(named, ["b", "d"]);
    assert!(refused[0].reason.contains("brand"), "{}", refused[0].reason);
    assert_eq!(ids(&search, &text("책")).await, ["a", "c"]);
}

#[tokio::test]
async fn an_index_that_a_full_disk_blocks_is_unavailable_until_it_is_not() {
    let (prefix, search) = an_index().await;
    search.declare(g(1)).await.unwrap();
    search.put(g(1), vec![an_entry("a", 1, "책")]).await.unwrap();
    let block = |on: Value| json!({ "index.blocks.read_only_allow_delete": on });
    prefix.ask(Method::Put, "g1/_settings", &block(json!(true))).await;
    let blocked = search.put(g(1), vec![an_entry("b", 1, "책")]).await;
    assert!(matches!(blocked, Err(Error::Unavailable(_))), "{blocked:?}");
    assert_eq!(ids(&search, &text("책")).await, ["a"]);
    prefix.ask(Method::Put, "g1/_settings", &block(Value::Null)).await;
    search.put(g(1), vec![an_entry("b", 1, "책")]).await.unwrap();
    assert_eq!(ids(&search, &text("책")).await, ["a", "b"]);
}

#[tokio::test]
async fn an_index_of_another_making_is_named_with_the_way_out() {
    let (prefix, search) = an_index().await;
    prefix
        .ask(
            Method::Put,
            "g1",
            &json!({ "mappings": { "properties": { "id": { "type": "text" } } } }),
        )
        .await;
    let refused = search.declare(g(1)).await;
    let Err(Error::Configuration(problem)) = refused else { panic!("{refused:?}") };
    assert!(problem.contains(&format!("{}_g1", prefix.name())), "{problem}");
    assert!(problem.contains("rebuild the view"), "{problem}");
    // It may be an older program's, which goes on serving from it while this one fills another.
    let newer = prefix.open().await;
    newer.declare(g(2)).await.unwrap();
    newer.put(g(2), vec![an_entry("a", 1, "책")]).await.unwrap();
    assert_eq!(newer.search(g(2), &text("책")).await.unwrap().ids, ["a"]);

    // Of its own making, and somebody has changed it.
    let surplus = json!({ "properties": { "surplus": { "type": "keyword" } } });
    prefix.ask(Method::Put, "g2/_mapping", &surplus).await;
    let refused = prefix.open_with("").await.map(drop);
    let Err(Error::Configuration(problem)) = refused else { panic!("{refused:?}") };
    assert!(problem.contains(&format!("{}_g2", prefix.name())), "{problem}");
    assert!(problem.contains("mappings.properties.surplus"), "{problem}");
    assert!(!problem.contains(&format!("{}_g1", prefix.name())), "{problem}");
}

/// So that no field comes to an index unnoticed, of a type that the server guesses.
#[tokio::test]
async fn a_declared_index_refuses_a_field_that_it_does_not_know() {
    let (prefix, search) = an_index().await;
    search.declare(g(1)).await.unwrap();
    let known = json!({ "id": "x", "position": 1, "live": false, "source": { "surplus": 1 } });
    for name in ["g1", "g1_write"] {
        let path = format!("{name}/_doc/x");
        let mut surplus = known.clone();
        surplus["surplus"] = json!("y");
        let refused = prefix.ask(Method::Put, &path, &surplus).await;
        assert_eq!(refused["status"], 400, "{refused}");
        assert_eq!(refused["error"]["type"], "strict_dynamic_mapping_exception", "{refused}");
        let taken = prefix.ask(Method::Put, &path, &known).await;
        assert_eq!(taken["_id"], "x", "{taken}");
    }
}

#[tokio::test]
async fn a_closed_index_is_unavailable_and_opened_by_the_next_declaration() {
    let (prefix, search) = an_index().await;
    search.declare(g(1)).await.unwrap();
    search.put(g(1), vec![an_entry("a", 1, "책")]).await.unwrap();
    prefix.ask(Method::Post, "g1/_close", &Value::Null).await;
    let put = search.put(g(1), vec![an_entry("b", 1, "책")]).await;
    assert!(matches!(put, Err(Error::Unavailable(_))), "{put:?}");
    let found = search.search(g(1), &all()).await;
    assert!(matches!(found, Err(Error::Unavailable(_))), "{found:?}");
    prefix.open().await.declare(g(1)).await.unwrap();
    assert_eq!(ids(&search, &all()).await, ["a"]);
}

#[tokio::test]
async fn new_names_and_words_need_no_rebuild() {
    let (prefix, search) = an_index().await;
    search.declare(g(1)).await.unwrap();
    search
        .put(g(1), vec![an_entry("a", 1, "뚜벅초 인형"), an_entry("b", 1, "Oddish doll")])
        .await
        .unwrap();
    assert_eq!(ids(&search, &text("oddish")).await, ["b"]);
    let tokens = async || {
        let body = json!({ "analyzer": "korean_search", "text": "뚜벅초인형" });
        let answer = prefix.ask(Method::Post, "g1/_analyze", &body).await;
        let tokens = answer["tokens"].as_array().unwrap().iter();
        tokens.map(|token| token["token"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(!tokens().await.contains(&"뚜벅초".to_owned()));
    let knowing = prefix.knowing("뚜벅초, oddish").await;
    knowing.declare(g(1)).await.unwrap();
    assert!(tokens().await.contains(&"뚜벅초".to_owned()));
    assert_eq!(ids(&knowing, &text("oddish")).await, ["a", "b"]);
    assert_eq!(ids(&knowing, &text("뚜벅초")).await, ["a", "b"]);
    knowing.put(g(1), vec![an_entry("c", 1, "뚜벅초")]).await.unwrap();
    assert_eq!(ids(&knowing, &text("oddish")).await, ["a", "b", "c"]);
}

#[tokio::test]
async fn particles_do_not_hide_a_word() {
    let (_prefix, search) = an_index().await;
    search.declare(g(1)).await.unwrap();
    search
        .put(g(1), vec![an_entry("a", 1, "노트북 팝니다"), an_entry("b", 1, "책상")])
        .await
        .unwrap();
    assert_eq!(ids(&search, &text("노트북을")).await, ["a"]);
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let patience = Duration::from_secs(20);
    let answer = tokio::time::timeout(patience, open(&url)).await.unwrap();
    assert!(matches!(answer, Err(Error::Unavailable(_))), "{answer:?}");
}

/// All of the above in a process of its own. A machine need not have an OpenSearch.
#[test]
fn opensearch_does_the_same_where_there_is_one() {
    let Ok(server) = std::env::var("JANGTEO_TEST_OPENSEARCH") else {
        println!("JANGTEO_TEST_OPENSEARCH names no server: nothing is tested on OpenSearch");
        return;
    };
    let mut tests = std::process::Command::new(std::env::current_exe().unwrap());
    tests.args(["elasticsearch::real", "--skip", "opensearch"]);
    let done = tests.env("JANGTEO_TEST_ELASTICSEARCH", server).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
}
