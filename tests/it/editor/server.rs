//! rust-analyzer, spoken to as an editor does: its language server protocol.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// A server that has read a crate.
pub(super) struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    root: PathBuf,
    last_request: u64,
    is_quiescent: bool,
}

impl Server {
    /// Opens a crate, and waits until all of it is read. A server that hangs is ended after five minutes.
    pub(super) fn open(root: &Path, target_dir: &Path) -> Server {
        let mut command = Command::new("timeout");
        command.args(["-k", "5", "300", "rust-analyzer"]);
        let mut child = command
            .current_dir(root)
            .env("CARGO_TARGET_DIR", target_dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut server = Server {
            child,
            input,
            output: BufReader::new(output),
            root: root.to_owned(),
            last_request: 0,
            is_quiescent: false,
        };
        server.initialize();
        server
    }

    fn initialize(&mut self) {
        let uri = self.uri("");
        let experimental = json!({
            "serverStatusNotification": true,
            "commands": { "commands": ["rust-analyzer.runSingle"] },
        });
        self.request(
            "initialize",
            json!({
                "processId": null,
                "rootUri": uri,
                "initializationOptions": { "checkOnSave": false, "cachePriming": { "enable": false } },
                "capabilities": { "experimental": experimental },
            }),
        );
        self.send(json!({ "method": "initialized", "params": {} }));
        while !self.is_quiescent {
            let message = self.receive();
            self.react(&message);
        }
    }

    fn uri(&self, file: &str) -> String {
        format!("file://{}/{file}", self.root.display())
    }

    /// The result of a request that only names a file.
    pub(super) fn ask(&mut self, method: &str, file: &str) -> Value {
        let uri = self.uri(file);
        self.request(method, json!({ "textDocument": { "uri": uri } }))
    }

    fn request(&mut self, method: &str, params: Value) -> Value {
        self.last_request += 1;
        let id = self.last_request;
        self.send(json!({ "id": id, "method": method, "params": params }));
        loop {
            let mut message = self.receive();
            if message["id"] == id && message.get("method").is_none() {
                assert_eq!(message["error"], Value::Null, "{method}");
                return message["result"].take();
            }
            self.react(&message);
        }
    }

    /// Answers what the server itself asks for, as an editor without settings does.
    fn react(&mut self, message: &Value) {
        if message["method"] == "experimental/serverStatus" {
            let status = &message["params"];
            assert_ne!(status["health"], "error", "{status}");
            self.is_quiescent = status["quiescent"] == true;
        }
        if let Some(id) = message.get("id") {
            let items = message["params"]["items"].as_array();
            let result = items.map(|items| vec![Value::Null; items.len()]);
            self.send(json!({ "id": id, "result": result }));
        }
    }

    fn send(&mut self, mut message: Value) {
        message["jsonrpc"] = "2.0".into();
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.input.flush().unwrap();
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            let read = self.output.read_line(&mut line).unwrap();
            assert_ne!(read, 0, "rust-analyzer ended");
            match line.trim().split_once(": ") {
                Some(("Content-Length", number)) => length = number.parse().unwrap(),
                Some(_) => {}
                None => break,
            }
        }
        let mut text = vec![0; length];
        self.output.read_exact(&mut text).unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    /// Ends it as an editor does.
    pub(super) fn close(mut self) {
        self.request("shutdown", Value::Null);
        self.send(json!({ "method": "exit", "params": null }));
        assert!(self.child.wait().unwrap().success());
    }
}
