using FsCheck;
using FsCheck.Fluent;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Networks.Compilation;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Networks.Compilation;

public sealed class MemoryPlacementTests
{
    public static TheoryData<string> Networks => NetworkCases.Names;

    [Fact]
    public void What_may_work_in_place_does_where_nobody_needs_the_operand_any_more()
    {
        using Network network = NetworkBuilder.Start(4, 4, 2).Convolution(3, 3).MaxPooling(2).Tanh().Softmax().Build();
        Assert.Equal(["tanh1", "softmax1"], InPlace(network, Phase.Inference));
        // Softmax's backward pass has no in-place form; that of tanh overwrites the gradient that it reads.
        Assert.Equal(["tanh1", "tanh1 backward"], InPlace(network, Phase.Training));
    }

    [Fact]
    public void What_the_backward_pass_needs_is_not_overwritten()
    {
        // tanh's derivative is taken from its output, dropout's from nothing.
        using Network network = NetworkBuilder.Start(1, 1, 3).Dense(3).Tanh().Dropout().Dense(3).Dropout().Build();
        string[] backward = ["dropout2 backward", "dropout1 backward", "dense1 backward"];
        Assert.Equal(["dropout2", .. backward], InPlace(network, Phase.Training));
    }

    [Fact]
    public void What_a_later_layer_reads_is_not_overwritten()
    {
        Node dense = NetworkBuilder.Start(1, 1, 3).Dense(3);
        // The second reader is the last and may.
        using Network network = dense.Builder.Build([dense.Tanh(), dense.Softmax()]);
        Assert.Equal(["softmax1"], InPlace(network, Phase.Inference));
    }

    [Fact]
    public void What_leaves_the_network_and_what_is_read_twice_at_once_is_not_overwritten()
    {
        Node dense = NetworkBuilder.Start(1, 1, 3).Dense(3);
        using Network leaving = dense.Builder.Build([dense.Tanh(), dense]);
        Assert.Empty(InPlace(leaving, Phase.Inference));
        Node again = NetworkBuilder.Start(1, 1, 3).Dense(3);
        using Network twice = again.Plus(again).Build();
        Assert.Empty(InPlace(twice, Phase.Inference));
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Every_operation_of_the_networks_finds_what_was_written_for_it(string name)
    {
        using Network network = NetworkCases.Create(name);
        AssertIntact(network);
    }

    [Fact]
    public void Every_operation_of_any_graph_finds_what_was_written_for_it() =>
        Prop.ForAll(
                Gen.Choose(1, 1_000_000).ToArbitrary(),
                seed =>
                {
                    using Network network = RandomNetworks.Create((ulong)seed);
                    AssertIntact(network);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithReplay(1, 1).WithMaxTest(300));

    [Fact]
    public void Memory_of_a_long_chain_is_that_of_two_layers()
    {
        Node last = NetworkBuilder.Start(1, 1, 100).Dense(100);
        for (int i = 0; i < 20; i++)
            last = last.Dense(100);
        using Network network = last.Build();
        Assert.Equal(2 * 64 * 13, ProgramText.Plan(network, Phase.Inference).Placement.ByteCount);
    }

    // The layers whose operation writes over an operand that it reads.
    private static string[] InPlace(Network network, Phase phase)
    {
        (_, _, NetworkProgram program, MemoryPlacement placement) = ProgramText.Plan(network, phase);
        return
        [
            .. program
                .Calls.Where(call =>
                    call.Operands.Zip(call.Operation.Operands)
                        .Any(pair =>
                            pair.Second.MayBe is { } name
                            && Find(call, name) is { } read
                            && IsInArena(pair.First!, read)
                            && placement.OffsetOf(pair.First!) == placement.OffsetOf(read)
                        )
                )
                .Select(call => $"{call.Layer!.Name}{(program.Backward.Contains(call) ? " backward" : "")}"),
        ];
    }

    private static Symbol? Find(OperationCall call, string name) =>
        call.Operands[call.Operation.Operands.Select(operand => operand.Name).ToList().IndexOf(name)];

    private static bool IsInArena(params Symbol[] symbols) => symbols.All(s => s.Root.Home == SymbolHome.Arena);

    private static void AssertIntact(Network network)
    {
        AssertIntact(ProgramText.Plan(network, Phase.Inference));
        AssertIntact(ProgramText.Plan(network, Phase.Training));
    }

    // Runs the program with, in place of numbers, whose they are: every operand that is read must still be what its
    // writer left.
    private static void AssertIntact(CompilationPlan plan)
    {
        var arena = new Symbol?[plan.Placement.ByteCount / NativeBuffer.Alignment];
        Span<Symbol?> Lines(Symbol symbol)
        {
            long offset = plan.Placement.OffsetOf(symbol);
            Assert.Equal(0, offset % NativeBuffer.Alignment);
            long bytes = NativeBuffer.Align(symbol.Root.ByteCount);
            return arena.AsSpan((int)(offset / NativeBuffer.Alignment), (int)(bytes / NativeBuffer.Alignment));
        }
        void Read(Symbol symbol, string who)
        {
            foreach (Symbol? owner in Lines(symbol))
                Assert.True(owner == symbol.Root, $"{who} reads '{symbol.Name}'; '{owner?.Name}' is there.");
        }
        void Run(OperationCall call)
        {
            (Symbol Symbol, Operand Declared)[] operands =
            [
                .. call.Operands.Zip(call.Operation.Operands).Where(pair => pair.First is { } s && IsInArena(s))!,
            ];
            foreach ((Symbol symbol, Operand declared) in operands)
            {
                if (declared.Role != OperandRole.Overwritten)
                    Read(symbol, $"{call.Layer?.Name} {call.Operation.Name}");
            }
            foreach (
                (Symbol symbol, Operand declared) in operands.Where(o => o.Declared.Role == OperandRole.Overwritten)
            )
            {
                Lines(symbol).Fill(symbol.Root);
                // What is not declared as in place must not see the result where it reads, or writes, something else.
                foreach ((Symbol other, Operand read) in operands)
                {
                    if (other.Root != symbol.Root && read.Name != declared.MayBe)
                        Assert.False(
                            Lines(other).Overlaps(Lines(symbol)),
                            $"{call.Layer?.Name} {call.Operation.Name}: '{symbol.Name}' overlaps '{other.Name}'"
                        );
                }
            }
        }
        foreach (OperationCall call in plan.Program.Forward)
            Run(call);
        foreach (Symbol output in plan.Program.Outputs)
            Read(output, "the caller");
        // Losses come one after the other.
        foreach (Symbol gradient in plan.Program.OutputGradients)
        {
            Lines(gradient).Fill(gradient.Root);
            foreach (Symbol output in plan.Program.Outputs)
                Read(output, "the next loss");
        }
        foreach (OperationCall call in plan.Program.Backward)
            Run(call);
    }
}
