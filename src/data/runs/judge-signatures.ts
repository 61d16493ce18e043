import { checkerOf, trustAt, usualTrust } from '../../../runner/engine/sign/trust.ts'
import type { JudgeOf } from '../../../runner/pages/readable-run.ts'
import { siteConfig } from '../runbooks/runbook-pages.ts'

/** Judges signatures with ssh-keygen while the site is built: by the workspace's list of keys, else by the one beside the run. */
export async function judge(): Promise<JudgeOf> {
  const { allowedSigners, revokedKeys } = await siteConfig()
  const own = trustAt(allowedSigners, revokedKeys)
  return (folder) => {
    const { trust, words } = usualTrust(own, folder)
    return { check: checkerOf(trust, process.env), source: words }
  }
}
