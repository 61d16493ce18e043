// Loaded before the program with --import, as `fault.mjs?process=shim&at=7`: kills the process just before its n-th
// change to the world. `torn=1` lets half of a write through first; `log=file` names every such moment instead.
import childProcess from 'node:child_process'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'

const wish = new URL(import.meta.url).searchParams
const who = /shim/.test(process.argv[1] ?? '') ? 'shim' : 'runner'
const real = {
  appendFileSync: fs.appendFileSync,
  writeSync: fs.writeSync,
  writeFileSync: fs.writeFileSync,
  writeFile: fs.writeFileSync,
}
let moments = 0
let inside = false

function moment(operation, args) {
  moments += 1
  const log = wish.get('log')
  if (log) real.appendFileSync(log, `${who} ${moments} ${operation} ${nameOf(args[0])}\n`)
  if (moments !== Number(wish.get('at'))) return
  if (wish.get('torn') && operation in real) tear(operation, args)
  process.kill(process.pid, 'SIGKILL')
}

function tear(operation, [target, content]) {
  const bytes = Buffer.from(content)
  real[operation](target, bytes.subarray(0, Math.floor(bytes.length / 2)))
}

function nameOf(target) {
  return typeof target === 'string' ? basename(target) : ''
}

function watch(module, name, counts = () => true) {
  const original = module[name]
  module[name] = function (...args) {
    // The platform calls itself; only what the program asks for counts.
    if (inside) return original.apply(this, args)
    inside = true
    try {
      if (counts(args)) moment(name, args)
      return original.apply(this, args)
    } finally {
      inside = false
    }
  }
}

if (wish.get('process') === who || wish.get('log')) {
  const writes = [
    'writeSync',
    'writeFileSync',
    'appendFileSync',
    'copyFileSync',
    'cpSync',
    'ftruncateSync',
    'truncateSync',
  ]
  const names = [
    'renameSync',
    'linkSync',
    'symlinkSync',
    'mkdirSync',
    'rmSync',
    'unlinkSync',
    'rmdirSync',
    'chmodSync',
  ]
  for (const name of [...writes, ...names, 'fsyncSync', 'fdatasyncSync']) watch(fs, name)
  for (const name of ['writeFile', 'rename', 'rm', 'mkdir']) watch(fs.promises, name)
  watch(fs, 'openSync', ([, flags]) => flags !== undefined && flags !== 'r')
  watch(childProcess, 'spawn')
  if (process.send) watch(process, 'send')
  syncBuiltinESMExports()
}
