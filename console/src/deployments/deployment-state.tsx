// The word of a deployment with its shape.

import { State } from "@/parts/glyph";
import { DEPLOYMENT_LABEL, DEPLOYMENT_SHAPE, type DeploymentWord } from "@/state/deployment-word";

interface DeploymentStateProps {
  word: DeploymentWord;
  filled: number;
  total: number;
}

export function DeploymentState({ word, filled, total }: DeploymentStateProps) {
  const label = word === "updating" ? `Updating ${filled} of ${total}` : DEPLOYMENT_LABEL[word];
  return <State condition={DEPLOYMENT_SHAPE[word]} word={label} />;
}
