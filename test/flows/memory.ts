/** The memory of the process that listens on a port, as Linux tells it. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export function processAt(port: number): number {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const inode = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    // 0A: it listens.
    .find((fields) => fields[1]?.endsWith(`:${hex}`) && fields[3] === '0A')?.[9]
  const found = readdirSync('/proc').find(
    (pid) => /^\d+$/.test(pid) && holds(pid, `socket:[${inode}]`),
  )
  if (found === undefined) throw new Error(`nobody listens on ${port}`)
  return Number(found)
}

export const residentMegabytes = (pid: number): number => megabytesOf(pid, /^VmRSS:\s+(\d+)/m)
/** The most that it has had. */
export const peakMegabytes = (pid: number): number => megabytesOf(pid, /^VmHWM:\s+(\d+)/m)

const megabytesOf = (pid: number, line: RegExp): number =>
  Number(line.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

function holds(pid: string, socket: string): boolean {
  try {
    const folder = `/proc/${pid}/fd`
    return readdirSync(folder).some((fd) => readlinkSync(`${folder}/${fd}`) === socket)
  } catch {
    // It has ended, or a file of it has been closed, while we looked.
    return false
  }
}
