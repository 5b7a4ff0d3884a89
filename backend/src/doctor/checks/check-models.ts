import type { Config } from '../../config/config.js';
import { needsPackage, partsOf } from '../../config/model-ids.js';
import { ConfigError } from '../../config/read-config.js';
import { addressOfModel } from '../../models/open-model.js';
import type { ModelError } from '../../models/model-error.js';
import { probeModel } from '../../models/probe-model.js';
import { isTlsCode, networkReason } from '../ask.js';
import { type Check, type Found, note, ok, problem } from '../findings.js';

const ANSWER_WITHIN_MS = 15_000;

/** The statuses with which servers refuse a model that they do not have. */
const UNKNOWN: ReadonlySet<number> = new Set([400, 404, 422]);

/** Which model was asked, and where. */
interface Asked {
  readonly model: string;
  readonly host: string;
}

/** Asks each model for one token. */
export const checkModels = ({ models }: Config): readonly Check[] => {
  if (models.isLocal) return [{ area: 'model', limitMs: 1_000, run: () => [ok('model_local')] }];
  return models.allowed.map((id) => ({
    area: 'model',
    limitMs: ANSWER_WITHIN_MS + 2_000,
    run: async (signal) => [await askModel(id, models, signal)],
  }));
};

async function askModel(id: string, models: Config['models'], signal: AbortSignal): Promise<Found> {
  const address = addressOfModel(id, models);
  const host = address === undefined ? partsOf(id).provider : new URL(address).host;
  const params = { model: id, host };
  const late = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const startedAt = performance.now();
  try {
    const failure = await probeModel(id, models, AbortSignal.any([signal, late]));
    if (!failure) return ok('model_ok', { ...params, ms: Math.round(performance.now() - startedAt) });
    const isLate = late.aborted || failure.code === 'model_timeout';
    return isLate ? problem('model_late', { ...params, seconds: ANSWER_WITHIN_MS / 1000 }) : view(failure, params);
  } catch (error) {
    if (error instanceof ConfigError) return problem('model_failed', { ...params, reason: error.message });
    throw error;
  }
}

/** What is wrong, if the code alone tells it. */
const BY_CODE: Partial<Record<ModelError['code'], (params: Asked) => Found>> = {
  model_auth: (params) => problem('model_key', { ...params, variable: keyOf(params.model) }),
  model_quota: (params) => problem('model_quota', { ...params }),
  model_rate_limited: (params) => note('model_busy', { ...params }),
};

function view({ code, message, details }: ModelError, params: Asked): Found {
  const status = details['status'];
  const known = BY_CODE[code]?.(params);
  if (known) return known;
  if (code === 'model_unavailable' && status === undefined) return unreached(details, params);
  if (code === 'model_unavailable' && UNKNOWN.has(Number(status))) {
    return problem('model_unknown', { ...params, reason: String(status) });
  }
  return problem('model_failed', {
    ...params,
    reason: status === undefined ? message : `${message}, status ${status}`,
  });
}

/** A connection that failed: its code is among the words or the causes of the error. */
function unreached({ kind = '', cause = '' }: ModelError['details'], params: Asked): Found {
  const codes = `${kind} ${cause}`.split(' ').filter(Boolean);
  const code = codes.find(isTlsCode) ?? codes[0] ?? '';
  const reason = networkReason({ code });
  return problem(isTlsCode(code) ? 'model_tls' : 'model_unreachable', { ...params, reason });
}

const keyOf = (id: string): string =>
  needsPackage(id) ? `the API key of ${partsOf(id).provider}, in the variable of its package` : 'OPENAI_API_KEY';
