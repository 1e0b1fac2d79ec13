/** What the commands of people read, without a site. test/live/apps/command-line.test.ts has all of it for real. */
import { describe, expect, it } from 'vitest'
import { judgeArguments } from '../../cli/program/curl.ts'
import { gitAnswer, readGitQuestion } from '../../cli/program/git.ts'
import { parseSite } from '../../cli/program/site.ts'

const SITE = 'https://app.example.com'

describe('the address of a site', () => {
  it.each([
    ['app.example.com', SITE],
    ['https://app.example.com/a/path?x=1', SITE],
    ['https://APP.example.com:443', SITE],
    ['http://localhost:8787', 'http://localhost:8787'],
  ])('may be written %s', (text, site) => {
    expect(parseSite(text)).toEqual({ ok: true, value: site })
  })

  it.each([
    'http://app.example.com',
    'ftp://app.example.com',
    'https://ada:secret@app.example.com',
    'https://ada@app.example.com',
    '',
    'https://',
  ])('is not %j', (text) => {
    expect(parseSite(text)).toMatchObject({ ok: false, error: { kind: 'usage' } })
  })
})

describe('the arguments of curl', () => {
  it.each([
    [['--fail', '--silent', '-X', 'POST', '--data', '@file', '--output', '-o']],
    [['https://app.example.com/another']],
    [['--referer', 'https://elsewhere.example/']],
    [['--data=https://elsewhere.example/', '--location']],
  ])('may be %j', (args) => {
    expect(judgeArguments(SITE, args)).toBeNull()
  })

  it.each([
    [['https://elsewhere.example/']],
    [['HTTPS://elsewhere.example/']],
    [['http://app.example.com/']],
    [['https://app.example.com.elsewhere.example/']],
    [['https://app.example.com@elsewhere.example/']],
    [['--url', 'https://elsewhere.example/']],
    [['--url=https://elsewhere.example/']],
    [['--location-trusted']],
    [['--next']],
    [['-:']],
    [['--config', 'file']],
    [['-K', 'file']],
    [['-Kfile']],
  ])('that could give the token to another host are refused: %j', (args) => {
    expect(judgeArguments(SITE, args)).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('another host could get your token') },
    })
  })

  it.each([
    [['-d', '@-']],
    [['-d@-']],
    [['--data=@-']],
    [['-T', '-']],
    [['-T-']],
    [['-F', 'a=<-']],
  ])('that read standard input are refused: %j', (args) => {
    expect(judgeArguments(SITE, args)).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('Put what you send into a file') },
    })
  })
})

describe('the question of git', () => {
  it('names a site, and the password that was refused', () => {
    const text = 'protocol=https\nhost=app.example.com\npath=x.git\npassword=a=b\n\n'
    expect(readGitQuestion(text)).toEqual({ site: SITE, password: 'a=b' })
  })

  it.each([
    '',
    'protocol=https\n',
    'protocol=ssh\nhost=app.example.com\n',
    'protocol=https\nhost=app.example.com/x\n',
    'protocol=https\nhost=a@app.example.com\n',
    `protocol=https\nhost=${'a'.repeat(20_000)}\n`,
  ])('is none: %j', (text) => {
    expect(readGitQuestion(text)).toBeNull()
  })

  it('is answered with a password that has an end', () => {
    expect(gitAnswer('gh_at_x', 1_800_000_000_999)).toBe(
      'username=gatehouse\npassword=gh_at_x\npassword_expiry_utc=1800000000\n',
    )
  })
})
