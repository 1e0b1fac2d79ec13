import { expect, it } from 'vitest'
import { background } from './background.ts'

const done: string[] = []
const write = async (name: string, after: Promise<void>): Promise<void> => {
  await after
  done.push(name)
}
const soon = () => new Promise<void>((resolve) => void setTimeout(resolve, 50))

it('may leave work for later, and that work may leave more', () => {
  const first = write('first', soon())
  background.waitUntil(first)
  background.waitUntil(first.then(() => background.waitUntil(write('left by the first', soon()))))
  background.waitUntil(Promise.reject(new Error('work that fails')))
  expect(done).toEqual([])
})

it('begins when the work of the test before is done', () => {
  expect(done).toEqual(['first', 'left by the first'])
})
