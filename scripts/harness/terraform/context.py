"""What a verb works with: the stack, the AWS it goes to, and a Terraform runner for it. Built once a command."""

from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from harness.aws.clients import Aws, connect
from harness.base.options import Options
from harness.base.paths import Stack, Target
from harness.facts import Environment, read_blueprint
from harness.facts.stacks import stack_of
from harness.terraform.binary import find_terraform, terraform_environment
from harness.terraform.known_state import accept_state, foreign
from harness.terraform.runner import Runner
from harness.terraform.state import State, backend_config


@dataclass(frozen=True)
class Context:
    """A stack with everything needed to run Terraform on it; account and binary are looked up when first used."""

    options: Options
    stack: Stack
    aws: Aws

    @cached_property
    def account_id(self) -> str:
        """Account of the credentials in use."""
        return self.aws.account_id()

    @cached_property
    def environment(self) -> Environment:
        """Facts of the stack's environment.

        Raises:
            FactError: ``blueprint.yaml`` does not list it.
        """
        return read_blueprint().environment(self.stack.environment)

    @property
    def apply_words(self) -> str:
        """Makefile variables that let an apply or destroy of this stack through, for commands a person can paste."""
        words = self.stack.make_words
        return f"{words} CONFIRM={self.stack.environment}" if self.environment.guarded else words

    @cached_property
    def terraform(self) -> Path:
        """The Terraform binary."""
        return find_terraform()

    @cached_property
    def env(self) -> dict[str, str]:
        """What is added to the environment of every Terraform run."""
        return {**terraform_environment(self.stack.data_dir), **self.aws.env}

    @cached_property
    def runner(self) -> Runner:
        """Terraform in the stack's root; it plans only against a state that is whole."""
        return Runner(self.terraform, self.stack.root, self.env, self.state.document)

    @cached_property
    def state(self) -> State:
        """The stack's state object."""
        blueprint = read_blueprint()
        bucket = blueprint.state_bucket(self.account_id)
        accept = partial(accept_state, self.stack, blueprint.prefix, bucket)
        return State(self.aws, bucket, self.stack.state_key, accept, partial(foreign, self.stack, blueprint.prefix))

    @property
    def backend(self) -> dict[str, str]:
        """``-backend-config`` values of the stack."""
        return backend_config(self.aws, read_blueprint().state_bucket(self.account_id), self.stack.state_key)

    @property
    def variables(self) -> dict[str, str]:
        """The root's ``-var`` values."""
        given = {"environment_suffix": self.stack.suffix}
        return {**given, "owner": self.options.owner} if self.options.owner else given

    @property
    def var_file(self) -> Path | None:
        """``aws.tfvars`` on real AWS (the account guard); the local AWS has one account and no guard."""
        return self.stack.root / "aws.tfvars" if self.stack.target is Target.AWS else None


def open_context(options: Options) -> Context:
    """Check the options and find the AWS they name.

    Raises:
        UsageError: ENV, SUFFIX or TARGET is wrong.
        HarnessError: the local AWS is not running.
    """
    return Context(options, stack_of(options), connect(options))
