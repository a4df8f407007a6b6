"""Who stands where in the network: bridges, communities, influencers, weak ties.

    scores --firm--> Graph --positions--> Positions --> bridges, influencers, weak ties

Only firm ties count (`graph.firm`): cap, then threshold, then topology. Strength makes ways short
(1 / strength) for betweenness, and shares attention out for constraint; everything else counts
ties. What the records cannot carry is refused with the reason (`health`), not guessed.

Read `graph`, then what is measured: `holes` (Burt's), `breaks` (bridges and articulation points,
found on a `forest`), `betweenness`, `closeness`, `cores`, `communities` (by `louvain`); `health`;
then `positions`, which is all of it, and what follows from it: `bridges`, `influencers`,
`introductions`, `weak_ties`. `evidence` says how every edge is known, `brokerage` what one
colleague's own network is good for. All work on whole arrays: what a graph library does faster than
networkx is done here as fast as it does.
"""
