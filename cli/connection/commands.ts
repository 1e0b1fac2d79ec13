import type { Command } from '../command.ts'
import { testConnection } from './test.ts'

export const connectionCommands: readonly Command[] = [testConnection]
