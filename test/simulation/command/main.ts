import { simulate } from './simulate.ts'

process.exitCode = simulate(process.argv.slice(2), process)
