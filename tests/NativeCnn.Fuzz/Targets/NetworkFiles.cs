using System.Text;
using NativeCnn.Formats;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Storage;

namespace NativeCnn.Fuzz.Targets;

/// <summary>
/// Network files as people write them. What is refused is refused on one line that begins with file, line and column.
/// </summary>
internal sealed class NetworkFiles : FuzzTarget
{
    private static readonly ReadingLimits Limits = new() { Layers = 64, Inputs = 16 };

    public override string Name => "network";

    public override IReadOnlyList<byte[]> Wholes { get; } =
    [
        .. new[]
        {
            """
                {
                  "version": 2, "name": "größer", "inputs": [[8, 8, 1]],
                  "layers": [
                    { "kind": "convolution", "name": "a", "filters": 2, "kernel": 3, "padding": 1 }, // a comment
                    { "kind": "relu", "name": "b", },
                    { "kind": "addition", "inputs": ["a", 1], /* another */ },
                    { "kind": "dense", "units": 3, "initializer": { "constant": 0.5 }, "rate_factor": { "bias": 2 } },
                  ],
                  "outputs": ["dense1"], "classes": ["x", "y", "z"]
                }
                """,
            """{"model":"x","network":{"version":2,"inputs":[[4,4,2]],"layers":[{"kind":"softmax","decay_factor":{}}]}}""",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public override IReadOnlyList<string> Words =>
        [
            .. LayerRegistry.Kinds,
            "\"inputs\"",
            "\"network\"",
            "\"orthogonal\"",
            "//",
            "/*",
            "\\ud800",
            "\u001b",
            "[",
            "{",
        ];

    public override string Run(byte[] input, string file)
    {
        try
        {
            using Network network = NetworkFile.Parse(file, input, Limits);
            return $"read {network.Nodes.Count}";
        }
        catch (DataFormatException e)
        {
            if (!e.Message.StartsWith($"{file}(", StringComparison.Ordinal) || e.Message.Any(char.IsControl))
                throw new InvalidOperationException($"This is not one line with a place: {e.Message}", e);
            return Outcome(e);
        }
    }
}
