using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using NativeCnn.Cli.Commands;
using NativeCnn.Formats;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Benchmarks;

/// <summary>
/// <c>training-start</c>: what <c>nativecnn train --seed</c> starts from, for a peer that is to train from the same:
/// the initial weights of LeNet for 28×28 digits, and the order of the examples in every epoch.
/// </summary>
internal sealed class TrainingStartCommand : Command
{
    private readonly Argument<string> _folder = new("folder")
    {
        Description = "Where initial.safetensors and order.bin (int32, little-endian, epochs × examples) are written.",
    };
    private readonly NumberOption<ulong> _seed = NumberOptions.Seed("As nativecnn train's.");
    private readonly NumberOption<int> _examples = NumberOptions.Of<int>(
        "--examples",
        new(1, 100_000_000),
        8000,
        "Examples of an epoch."
    );
    private readonly NumberOption<int> _epochs = NumberOptions.Of<int>(
        "--epochs",
        new(1, 1_000_000),
        10,
        "Epochs whose order is written."
    );

    public TrainingStartCommand()
        : base("training-start", "Writes the initial weights and the order of the examples of a seed.")
    {
        Add(_folder);
        foreach (Option option in (Option[])[_seed, _examples, _epochs])
            Add(option);
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        string folder = arguments.GetRequiredValue(_folder);
        ulong seed = arguments.GetValue(_seed);
        Directory.CreateDirectory(folder);
        using Network network = LeNet.Create(new Shape(1, 28, 28, 1), 10, seed);
        ModelFile.Save(Path.Combine(folder, "initial.safetensors"), network);
        using FileStream file = File.Create(Path.Combine(folder, "order.bin"));
        int[] order = new int[arguments.GetValue(_examples)];
        for (int epoch = 1; epoch <= arguments.GetValue(_epochs); epoch++)
        {
            // As BatchLoader.StartEpoch; the script that reads it compares the training losses of both sides.
            for (int i = 0; i < order.Length; i++)
                order[i] = i;
            RandomStream random = new(seed, (ulong)epoch);
            random.Shuffle(order);
            file.Write(MemoryMarshal.AsBytes(order.AsSpan()));
        }
        Console.WriteLine(JsonSerializer.Serialize(new { folder, seed }));
        return 0;
    }
}
