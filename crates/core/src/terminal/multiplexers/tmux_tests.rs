use super::*;
use crate::terminal::tests::{process, trace};

#[test]
fn only_a_server_among_the_ancestors_counts() {
    let of = |variable: &str| {
        let found = trace(&[
            process(30, "claude", &[("TMUX", variable)]),
            process(20, "bash", &[]),
            process(10, "tmux: server", &[]),
        ]);
        Server::of(&found).map(|server| server.socket)
    };
    for socket in ["/tmp/tmux-0/default", "/tmp/a,b,1/x", "/tmp/a b;$(id)'\"", "/tmp/-S"] {
        assert_eq!(of(&format!("{socket},10,0")).as_deref(), Ok(socket));
    }
    let unknown = Err("the socket of its tmux server is not known".to_owned());
    for odd in ["/tmp/tmux-0/default,11,0", "relative,10,0", "-x,10,0", ",10,0", "/tmp/a", "/tmp/a,10", "/tmp/a,x,0"] {
        assert_eq!(of(odd), unknown, "{odd}");
    }
    let none = trace(&[process(30, "claude", &[("TMUX", "/tmp/a,10,0")]), process(20, "xterm", &[])]);
    assert_eq!(Server::of(&none), Err("it does not run in tmux".into()), "the variable was inherited");
    // The session's own variable was removed; the shell above it still has it.
    let above =
        trace(&[process(30, "claude", &[]), process(20, "sh", &[("TMUX", "/tmp/a,10,0")]), process(10, "t", &[])]);
    assert_eq!(Server::of(&above).unwrap().socket, "/tmp/a");
}

#[test]
fn commands_are_argument_vectors() {
    let server = Server { socket: "/tmp/a b;$(id)".into() };
    let args = |invocation: &Invocation| invocation.args.join("|");
    assert!(args(&server.list_panes()).starts_with("-u|-S|/tmp/a b;$(id)|list-panes|-a|-F|#{pane_pid} "));
    assert!(args(&server.list_clients()).starts_with("-u|-S|/tmp/a b;$(id)|list-clients|-F|#{client_pid} "));
    let pane = &panes("30 %5 @3 $1 2 1 1 main\n")[0];
    let client = |session: &str| Client { pid: 1, session: session.into(), activity: 0, device: "/dev/pts/3".into() };
    let shown =
        |client: &Client| server.show(pane, client).iter().map(|step| step.args[3..].join("|")).collect::<Vec<_>>();
    assert_eq!(shown(&client("$1")), ["select-window|-t|$1:@3", "select-pane|-t|%5"]);
    assert_eq!(
        shown(&client("$0")),
        ["select-window|-t|$1:@3", "select-pane|-t|%5", "switch-client|-c|/dev/pts/3|-t|$1"]
    );
}

#[test]
fn lists_with_hostile_names_are_parsed() {
    let names = ["main", "a b", "-t", "$(id)", "'; kill-server", "\u{1b}[31mx\u{202e}", ""];
    let text: String = names.map(|name| format!("30 %5 @3 $1 2 1 0 {name}\n")).concat();
    let found = panes(&text);
    assert_eq!(found.len(), names.len());
    assert_eq!(found[0].place(), "session main, window 2, pane 1");
    assert_eq!(found[5].name, "[31mx", "names are plain text");
    for odd in
        ["", "x %5 @3 $1 2 1 0 n", "30 5 @3 $1 2 1 0 n", "30 %5 @3 $1;x 2 1 0 n", "30 %5 @3 $1 2 -1 0 n", "30 %5 @3"]
    {
        assert_eq!(panes(odd), [], "{odd}");
    }
    let found =
        clients("40 $1 1700000000 0 /dev/pts/3\n41 $1 1700000000 1 \n42 $1 1 0 /dev/pts/3;x\n43 $x 1 0 /dev/pts/4\n");
    assert_eq!(found, [Client { pid: 40, session: "$1".into(), activity: 1_700_000_000, device: "/dev/pts/3".into() }]);
}

#[test]
fn the_nearest_pane_and_the_best_client_are_chosen() {
    let found = trace(&[process(30, "claude", &[]), process(20, "bash", &[]), process(10, "tmux: server", &[])]);
    let all = panes("99 %1 @1 $0 0 0 1 other\n20 %5 @3 $1 2 1 0 main\n20 %5 @3 $2 0 1 1 linked\n");
    assert_eq!(pane_of(&found, &all).unwrap().name, "linked", "a session that is shown is preferred");
    assert_eq!(pane_of(&found, &all[..1]), None);
    let all_clients = clients("40 $0 300 0 /dev/pts/0\n41 $1 100 0 /dev/pts/1\n42 $1 200 0 /dev/pts/2\n");
    let main = &all[1];
    assert_eq!(client_for(main, &all_clients).unwrap().pid, 42, "it shows the session, and was used last");
    assert_eq!(client_for(main, &all_clients[..1]).unwrap().pid, 40, "else the one that was used last");
    assert_eq!(client_for(main, &[]), None);
}
