import { count, options, signature } from '../utils/arguments.js';
import { ConfigError } from '../utils/errors.js';

/** The fields of a training configuration on replicas. */
interface ReplicaFields {
  readonly replicas?: number | undefined;
  readonly syncEvery?: number | undefined;
  readonly outerLearningRate?: number | undefined;
  readonly outerMomentum?: number | undefined;
  readonly evaluateEvery: number;
}

/** What applies to replicas of which nothing else is said: the outer step is that of the paper. */
export const replicaDefaults = { syncEvery: 100, outerLearningRate: 0.7, outerMomentum: 0.9 } as const;

/**
 * A configuration that says everything about its replicas, if it has any.
 *
 * @throws ConfigError where fields are set that need replicas, or evaluations are wanted between two averages
 */
export function withReplicaDefaults<T extends ReplicaFields>(config: T): T {
  const { replicas, evaluateEvery } = config;
  const names = Object.keys(replicaDefaults) as (keyof typeof replicaDefaults)[];
  if (replicas === undefined) {
    const lonely = names.find((name) => config[name] !== undefined);
    if (lonely === undefined) return config;
    throw new ConfigError(
      `training configuration: "${lonely}" is set, but "replicas" is not. Set "replicas", or remove "${lonely}".`,
    );
  }
  const given = Object.fromEntries(names.map((name) => [name, config[name] ?? replicaDefaults[name]]));
  const complete = { ...config, ...given };
  const { syncEvery = replicaDefaults.syncEvery } = complete;
  if (evaluateEvery > 0 && evaluateEvery < syncEvery) {
    throw new ConfigError(
      `training configuration: "evaluateEvery" is ${evaluateEvery}, but replicas have common weights to evaluate only every ` +
        `"syncEvery" = ${syncEvery} steps. Set it to ${syncEvery} or more, or to 0.`,
    );
  }
  return complete;
}

/** Replicas as a complete configuration has them. */
export interface Replicas {
  readonly replicas: number;
  readonly syncEvery: number;
  readonly outerLearningRate: number;
  readonly outerMomentum: number;
}

/** @throws ConfigError where the configuration has none */
export function replicasOf(config: ReplicaFields): Replicas {
  const {
    replicas,
    syncEvery = replicaDefaults.syncEvery,
    outerLearningRate = replicaDefaults.outerLearningRate,
    outerMomentum = replicaDefaults.outerMomentum,
  } = config;
  if (replicas === undefined) {
    throw new ConfigError('This training has no replicas: set "replicas" in its configuration, or use train().');
  }
  return { replicas, syncEvery, outerLearningRate, outerMomentum };
}

const nextSyncArguments = signature('nextSync', {
  config: options({ steps: count, syncEvery: count.optional() }),
  step: count,
});

/** The step after which replicas that have taken `step` steps are averaged next: a multiple of `syncEvery`, or the last one. */
export function nextSync(
  config: { readonly steps: number; readonly syncEvery?: number | undefined },
  step: number,
): number {
  nextSyncArguments({ config, step });
  const { steps, syncEvery = 1 } = config;
  return Math.min(steps, (Math.floor(step / syncEvery) + 1) * syncEvery);
}
