/** curl, as a program that has the cookies of a person. */
import { execFile } from 'node:child_process'

export interface Curled {
  readonly status: number
  /** As they came, a line each. */
  readonly headers: string
  readonly body: string
}

/** @param cookies the value of the Cookie header. It goes in on standard input, not as an argument. */
export function curl(cookies: string, args: readonly string[]): Promise<Curled> {
  const fixed = ['--silent', '--show-error', '--include', '--max-time', '60', '--header', '@-']
  return new Promise((resolve, reject) => {
    const child = execFile('curl', [...fixed, ...args], (error, stdout, stderr) => {
      if (error) return reject(new Error(`curl: ${stderr}`))
      const end = stdout.indexOf('\r\n\r\n')
      const headers = stdout.slice(0, end)
      const status = Number(/^HTTP\/[\d.]+ (\d{3})/.exec(headers)?.[1])
      resolve({ status, headers, body: stdout.slice(end + 4) })
    })
    child.stdin?.end(`Cookie: ${cookies}\n`)
  })
}
