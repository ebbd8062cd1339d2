"""The call graph: nodes with the bytes they take, and the longest way through it."""

from dataclasses import dataclass, field
from typing import NamedTuple

ROLE = "role "                  # begins the key of a node that stands for a role


class Edge(NamedTuple):
    """A call: the caller's bytes that stay on the stack during it, and who is called."""
    bytes: int
    target: object


@dataclass
class Node:
    """A function, or a role, which takes no stack itself."""
    name: str
    file: str = ""
    frame: int = 0
    edges: list = field(default_factory=list)


class Step(NamedTuple):
    """One function of a chain, and the bytes it adds to it."""
    name: str
    file: str
    bytes: int


class Cycle(Exception):
    """Functions that call each other for ever; the text shows their names."""


class Search:
    """
    The longest ways through a graph, from anywhere.

    Nodes named in cut are called, but what they do does not count. A name of most occurs at most so
    often in a chain, which is what makes a chain of a recursive program end; and behind the first
    of a pair in never, the second does not occur. So a chain carries along what has occurred of
    these names, but forgets those that no longer matter where it is.
    """

    def __init__(self, nodes, most, never, cut):
        """Refuse a graph in which a chain may go on for ever."""
        self.nodes, self.most, self.never, self.cut = nodes, most, never, cut
        self.noted = set(most) | {first for first, _ in never}
        self.found, self.near = {}, {}
        for members in self._groups(lambda key: nodes[key].name not in most):
            if len(members) > 1 or members[0] in self._targets(members[0]):
                raise Cycle(" -> ".join(self._round_trip(members)))
        for members in self._groups(lambda key: True):
            self._note_near(members)

    def _targets(self, key):
        """Whom a node calls, without those that are cut off."""
        return [edge.target for edge in self.nodes[key].edges
                if self.nodes[edge.target].name not in self.cut]

    def _groups(self, is_wanted):
        """The strongly connected components of the wanted nodes, callees first (Tarjan 1972)."""
        order, lowest, stack, groups = {}, {}, [], []

        def visit(key):
            order[key] = lowest[key] = len(order)
            stack.append(key)
            for target in filter(is_wanted, self._targets(key)):
                if target not in order:
                    visit(target)
                if target in lowest:
                    lowest[key] = min(lowest[key], lowest[target])
            if lowest[key] == order[key]:
                groups.append(stack[stack.index(key):])
                del stack[len(stack) - len(groups[-1]):]
                for member in groups[-1]:
                    del lowest[member]

        for key in filter(is_wanted, self.nodes):
            if key not in order:
                visit(key)
        return groups

    def _round_trip(self, members):
        """The names along a way from a member of a group back to it."""
        way, key = [], members[0]
        while key not in way:
            way.append(key)
            key = next(target for target in self._targets(key) if target in members)
        return [self.nodes[key].name for key in way[way.index(key):] + [key]]

    def _note_near(self, members):
        """Note for a group which names lie ahead of it, its own included."""
        names = {self.nodes[key].name for key in members}
        for key in members:
            for target in self._targets(key):
                names |= self.near.get(target, set())
        ahead = names & set(self.most)
        ahead |= {first for first, second in self.never if second in names}
        for key in members:
            self.near[key] = names & (self.noted | {second for _, second in self.never})
            self.near[key, "state"] = ahead

    def _enter(self, key, state):
        """The state of a chain once key has joined it, or None when it may not."""
        name = self.nodes[key].name
        if any(name == second and first in state for first, second in self.never):
            return None
        if name in self.noted:
            state = tuple(sorted((*state, name)))
            if state.count(name) > self.most.get(name, len(state)):
                return None
        return tuple(name for name in state if name in self.near[key, "state"])

    def _best(self, key, state):
        """The depth from a node that has joined, and the edge and the state it goes on with."""
        if (key, state) not in self.found:
            best = self.nodes[key].frame, None, None
            for edge in self.nodes[key].edges:
                depth, after = self._along(edge, state)
                if depth > best[0]:
                    best = depth, edge, after
            self.found[key, state] = best
        return self.found[key, state]

    def _along(self, edge, state):
        """The depth by way of one edge, and the state behind it."""
        if self.nodes[edge.target].name in self.cut:
            return 0, None
        after = self._enter(edge.target, state)
        if after is None:
            return 0, None
        return edge.bytes + self._best(edge.target, after)[0], after

    def chain(self, key):
        """The steps of the deepest chain that begins with a call of a node."""
        steps, state = [], self._enter(key, ())
        while True:
            node = self.nodes[key]
            _, edge, state = self._best(key, state)
            steps.append(Step(node.name, node.file, edge.bytes if edge else node.frame))
            if edge is None:
                return steps
            key = edge.target
