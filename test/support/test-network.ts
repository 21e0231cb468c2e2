import { spawnSync } from 'node:child_process'
import { onTestFinished } from 'vitest'

/** Hosts with addresses of their own behind one bridge, and others behind a router that hides them (NAT). */
export interface TestNetwork {
  /** Words that run a command on a host. */
  enter(host: string): readonly string[]
  /** The address that the others see it come from. */
  addressOf(host: string): string
}

/** True where network namespaces can be made: it takes root, iproute2 and nftables. */
export function canMakeNetworks(): boolean {
  const probe = `distro-probe-${process.pid}`
  const isMade = spawnSync('ip', ['netns', 'add', probe]).status === 0
  if (isMade) spawnSync('ip', ['netns', 'del', probe])
  return isMade && spawnSync('nft', ['--version']).status === 0
}

let networks = 0

/** Makes a network that exists until the test is over. The hosts of `hidden` reach the others, and none of them can be reached. */
export function makeNetwork(open: readonly string[], hidden: readonly string[] = []): TestNetwork {
  const own = `${process.pid}-${networks++}`
  const spaceOf = (host: string): string => `distro-test-${own}-${host}`
  const [router, switchSpace] = [spaceOf('router'), spaceOf('switch')]
  const spaces = [switchSpace, router, ...[...open, ...hidden].map(spaceOf)]
  onTestFinished(() => {
    for (const space of spaces) spawnSync('ip', ['netns', 'del', space])
  })
  for (const space of spaces) {
    ip('netns', 'add', space)
    ip('-n', space, 'link', 'set', 'lo', 'up')
  }
  const addresses = new Map<string, string>()
  /** Joins `space` to a bridge in `hub`. */
  const join = (hub: string, bridge: string, space: string, device: string, address: string, number: number): void => {
    const port = `${bridge}p${number}`
    ip('-n', hub, 'link', 'add', port, 'type', 'veth', 'peer', 'name', device, 'netns', space)
    ip('-n', hub, 'link', 'set', port, 'master', bridge, 'up')
    ip('-n', space, 'addr', 'add', `${address}/24`, 'dev', device)
    ip('-n', space, 'link', 'set', device, 'up')
  }
  const bridgeIn = (space: string, bridge: string): void => {
    ip('-n', space, 'link', 'add', bridge, 'type', 'bridge')
    ip('-n', space, 'link', 'set', bridge, 'up')
  }
  bridgeIn(switchSpace, 'open')
  for (const [index, host] of ['router', ...open].entries()) {
    const address = `10.78.0.${index + 1}`
    join(switchSpace, 'open', spaceOf(host), 'eth0', address, index)
    addresses.set(host, address)
  }
  bridgeIn(router, 'inside')
  ip('-n', router, 'addr', 'add', '192.168.78.1/24', 'dev', 'inside')
  for (const [index, host] of hidden.entries()) {
    join(router, 'inside', spaceOf(host), 'eth0', `192.168.78.${index + 2}`, index)
    ip('-n', spaceOf(host), 'route', 'add', 'default', 'via', '192.168.78.1')
    addresses.set(host, '10.78.0.1')
  }
  run('ip', ['netns', 'exec', router, 'sysctl', '-q', '-w', 'net.ipv4.ip_forward=1'])
  const rules = 'table ip nat { chain out { type nat hook postrouting priority 100; oifname "eth0" masquerade; }; }'
  run('ip', ['netns', 'exec', router, 'nft', '-f', '-'], rules)
  return {
    enter: (host) => ['ip', 'netns', 'exec', spaceOf(host)],
    addressOf: (host) => addresses.get(host) ?? '',
  }
}

function ip(...words: string[]): void {
  run('ip', words)
}

function run(program: string, words: readonly string[], input = ''): void {
  const { status, stderr } = spawnSync(program, words, { encoding: 'utf8', input })
  if (status !== 0) throw new Error(`${program} ${words.join(' ')} failed: ${stderr}`)
}
