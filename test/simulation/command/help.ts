/** What `npm run simulate -- --help` prints. */
export const HELP = `Runs a swarm of the real engine in virtual time, and tells how close it came to the bound.

  npm run simulate -- --hosts 1000 --size 1G --scenario equal --seed 7 --json

  --hosts N           hosts that fetch, besides the origin (default 100)
  --size SIZE         content, from 1M on, such as 256M or 1G, in powers of 1024 (default 256M)
  --scenario NAME     what the hosts are like and what happens to them (default equal); --list names them
  --seed N            the same seed gives the same run, event for event (default 1)
  --link RATE         of an ordinary host, each way, in bit/s: 100M, 1G (default 100M)
  --piece-length SIZE a power of two from 16K (default: chosen by size, as distro create does, and longer for very many hosts)
  --scale N           blocks N times as long as 16K, a power of two: a run with fewer of them is so many
                      times faster (default: chosen so that a run takes minutes; the result says it as blockBytes)
  --json              the result as one JSON object
  --trace FILE        one host's story as JSON lines
  --trace-host N      which host, with --trace; 0 is the origin (default 1)
  --times FILE        when each host finished, as JSON, for npm run simulate:plot
  --list              the scenarios
  --help              this text

Exit codes: 0, 1 when a host that must finish did not, 2 for wrong usage.
`
