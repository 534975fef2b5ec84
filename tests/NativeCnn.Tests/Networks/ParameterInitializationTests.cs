using NativeCnn.Initializers;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Parameters;
using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Networks;

public sealed class ParameterInitializationTests
{
    public static TheoryData<string> Initializers => [.. Families.Keys];

    private static readonly Dictionary<string, Initializer> Families = new()
    {
        ["He normal"] = Initializer.HeNormal,
        ["Glorot uniform"] = Initializer.GlorotUniform,
        ["constant"] = Initializer.Constant(0.25f),
        // Its values depend on each other, so that it is never cut into blocks.
        ["orthogonal"] = Initializer.Orthogonal(),
    };

    [Theory]
    [MemberData(nameof(Initializers))]
    public void Blocks_on_several_threads_have_the_values_of_one_call(string name)
    {
        Initializer initializer = Families[name];
        // More values than one thread takes alone, and a last block that is not full.
        const int FanIn = 3 * ParameterInitialization.BlockLength + 7;
        using Network network = NetworkBuilder
            .Start(new Shape(1, 1, 1, FanIn))
            .Add(new Dense(4) { Initializer = initializer })
            .Add(new Dense(3) { Initializer = initializer })
            .Build(11);
        for (int i = 0; i < network.Parameters.Count; i++)
        {
            Parameter parameter = network.Parameters[i];
            float[] expected = new float[parameter.Value.Count];
            var random = new RandomStream(11, (ulong)i);
            parameter.Initializer.Fill(expected, parameter.FanIn, parameter.FanOut, ref random);
            Comparison.SameBits<float>(expected, parameter.Value.Span, parameter.Name);
        }
    }
}
