import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { clientFile, clientSource } from '../scripts/client.ts'
import { clientScript } from '../src/login/client-script.ts'

describe('/.gatehouse/client.js', () => {
  it('is as its source: npm run client makes it anew', async () => {
    const isUpToDate = readFileSync(clientFile, 'utf8') === (await clientSource())
    expect(isUpToDate, 'Run `npm run client`, and commit src/login/client-script.ts.').toBe(true)
  })

  it('has 2 KB, and compressed about 1 KB', () => {
    expect(clientScript.length).toBeLessThan(2048)
    expect(gzipSync(clientScript, { level: 9 }).length).toBeLessThan(1100)
    expect(clientScript).not.toMatch(/\beval\b|new Function|innerHTML|[^\x20-\x7e]/)
  })
})
