import LanHosts

// lan-hosts NUMBER: makes a network of hosts, prints the identifier of each host's first process (for nsenter) and
// keeps it until its input ends or it is killed.

let hosts = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 2
let lan = try LanHosts(LanPlan(hosts: hosts))
Line.say((["up"] + lan.hosts.map { "\($0.identifier)" }).joined(separator: " "))
while readLine() != nil {}
lan.tearDown()
