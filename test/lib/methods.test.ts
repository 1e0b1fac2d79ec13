import { describe, expect, it } from 'vitest'
import { requestMethodProblem, ruleMethodProblem } from '../../src/lib/methods.ts'

/** IANA's registry of methods (RFC 9110 §16.1.1), and others that servers know. */
const names =
  `ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT CONNECT COPY DELETE GET HEAD LABEL LINK LOCK MERGE
  MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE OPTIONS ORDERPATCH PATCH POST PRI
  PROPFIND PROPPATCH PUT QUERY REBIND REPORT SEARCH TRACE UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE
  UPDATEREDIRECTREF VERSION-CONTROL
  BAN DEBUG M-SEARCH MSEARCH NOTIFY PURGE SOURCE SUBSCRIBE TRACK UNSUBSCRIBE WEBSOCKET`.split(/\s+/)

function isTaken(method: string): boolean {
  try {
    return new Request('https://app.example.com/', { method }).method === method
  } catch {
    return false
  }
}

describe('the method of a request', () => {
  it.each(names)('%s is known if the runtime takes it', (name) => {
    expect(requestMethodProblem(name) === null).toBe(isTaken(name))
  })

  it('that is mistyped is told with what was meant', () => {
    expect(requestMethodProblem('GTE')).toBe(
      'is not a method that a Worker takes (did you mean GET?)',
    )
    expect(requestMethodProblem('BREW')).toMatch(/ \(it takes GET, HEAD, POST, .*\)$/)
    expect(requestMethodProblem('get')).toBe('must be a method in upper case, such as GET')
  })

  it('is WEBSOCKET in a rule alone', () => {
    expect(ruleMethodProblem('WEBSOCKET')).toBeNull()
    expect(requestMethodProblem('WEBSOCKET')).not.toBeNull()
    expect(ruleMethodProblem('WEBSOKET')).toMatch(/did you mean WEBSOCKET\?/)
  })
})
