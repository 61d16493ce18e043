import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { binary } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'

/** An agent as its users have it: the official client, connected to the real server over stdio. */
export interface Agent {
  client: Client
  /** Calls a tool; the object of its answer. */
  call(name: string, args?: Record<string, unknown>, meta?: Record<string, unknown>): Promise<Answer>
  [Symbol.asyncDispose](): Promise<void>
}

// The members depend on the tool.
export type Answer = Record<string, any>

export async function agentOf(
  { root }: Pick<Workspace, 'root'>,
  options: readonly string[] = [],
  env: Record<string, string> = {},
  program: readonly string[] = [binary, 'mcp'],
): Promise<Agent> {
  const client = new Client(
    { name: 'test-agent', version: '1.0.0' },
    { versionNegotiation: { mode: 'auto' } },
  )
  const inherited = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [...program, ...options],
      cwd: root,
      env: { ...Object.fromEntries(inherited), RUNBOOK_ACTOR: 'alice@example.com', ...env },
      stderr: 'ignore',
    }),
  )
  return {
    client,
    async call(name, args = {}, meta) {
      const result = await client.callTool({ name, arguments: args, ...(meta ? { _meta: meta } : {}) })
      return result.structuredContent ?? result
    },
    [Symbol.asyncDispose]: () => client.close(),
  }
}
