/** Sends load with wrk, which runs in a process of its own so that its CPU time is not counted. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface Load {
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly connections: number
  readonly seconds: number
  /** One cookie per request; none is used twice. */
  readonly cookies?: readonly string[]
}

export interface Done {
  readonly requests: number
  readonly perSecond: number
}

/**
 * @throws if a response has another status than `expected`, or if more than a few requests fail.
 */
export async function ask(load: Load, expected: number): Promise<Done> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'))
  try {
    const script = join(folder, 'load.lua')
    writeFileSync(script, scriptOf(load, expected))
    const { port, path, connections, seconds } = load
    const url = `http://127.0.0.1:${port}${path}`
    const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', script, url]
    const { stdout } = await promisify(execFile)('wrk', args)
    const [requests, microseconds, wrong, broken] = (/^DONE (.*)$/m.exec(stdout)?.[1] ?? '')
      .split(' ')
      .map(Number)
    // A server may close a connection just when wrk sends the next request on it.
    if (
      !requests ||
      !microseconds ||
      wrong !== 0 ||
      broken === undefined ||
      broken > requests / 1000
    ) {
      throw new Error(`${path}: not every answer is ${expected}\n${stdout}`)
    }
    return { requests, perSecond: requests / (microseconds / 1e6) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** wrk runs one Lua state per thread; the counts of all threads are collected at the end. */
const scriptOf = ({ headers, cookies }: Load, expected: number): string => `
wrk.headers = { ${Object.entries(headers)
  .map(([name, value]) => `[${lua(name)}] = ${lua(value)}`)
  .join(', ')} }
wrong = 0
function response(status) if status ~= ${expected} then wrong = wrong + 1 end end
${cookies ? perRequest(cookies) : ''}
function setup(each) thread = each end
function done(summary)
  local e = summary.errors
  local broken = e.connect + e.read + e.write + e.timeout
  print(table.concat({"DONE", summary.requests, summary.duration, thread:get("wrong"), broken}, " "))
end`

const perRequest = (cookies: readonly string[]): string => `
cookies = { ${cookies.map(lua).join(', ')} }
at = 0
function request()
  at = at + 1
  if at > #cookies then wrong = wrong + 1; at = 1 end
  wrk.headers["Cookie"] = cookies[at]
  return wrk.format()
end`

const lua = (text: string): string => JSON.stringify(text)
