import { bearsToken, isConsolePath } from './paths.ts'
import { answerWithin } from './store-error.ts'

/** The longest that a visitor waits for one of our own answers. */
const VISITOR_SECONDS = 30
/** A program, or an operator in the console, asks for more at once. */
const PROGRAM_SECONDS = 90

export const answerInTime = <T>({ pathname }: URL, answer: () => Promise<T>): Promise<T> => {
  const isLong = bearsToken(pathname) || isConsolePath(pathname)
  return answerWithin(isLong ? PROGRAM_SECONDS : VISITOR_SECONDS, answer)
}
