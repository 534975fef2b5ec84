using NativeCnn.Backends;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Tensors;
using NativeCnn.Tests.Backends;

namespace NativeCnn.Tests.Optimizers;

/// <summary>Many steps of every optimiser against plain loops in float64, as PyTorch's torch.optim writes them.</summary>
public sealed class OptimizerFormulaTests
{
    private const int Steps = 25;
    private const double Rate = 0.01;
    private const double Decay = 0.125;
    private const double Momentum = 0.875;
    private const double Beta2 = 0.96875;

    // The registry: an optimiser, and a loop that takes one value through all gradients.
    private static readonly Dictionary<string, (Func<Optimizer> Make, Func<double, double[], double> Loop)> Rows = new()
    {
        ["SGD"] = (() => new Sgd { LearningRate = (float)Rate, WeightDecay = (float)Decay }, (w, g) => Sgd(w, g, 0)),
        ["momentum"] = (() => MakeSgd(isNesterov: false), (w, g) => Sgd(w, g, Momentum)),
        ["Nesterov"] = (() => MakeSgd(isNesterov: true), (w, g) => Sgd(w, g, Momentum, isNesterov: true)),
        ["Adam"] = (() => MakeAdam(isDecoupled: false), (w, g) => Adam(w, g, isDecoupled: false)),
        ["AdamW"] = (() => MakeAdam(isDecoupled: true), (w, g) => Adam(w, g, isDecoupled: true)),
        ["RMSProp"] = (() => MakeRmsProp(0), (w, g) => RmsProp(w, g, 0)),
        ["RMSProp with momentum"] = (() => MakeRmsProp(Momentum), (w, g) => RmsProp(w, g, Momentum)),
        ["Adagrad"] = (
            () => new Adagrad { LearningRate = (float)Rate, WeightDecay = (float)Decay },
            (w, g) => Adagrad(w, g)
        ),
        ["diagonal Levenberg–Marquardt"] = (
            () =>
                new DiagonalLevenbergMarquardt
                {
                    LearningRate = (float)Rate,
                    WeightDecay = (float)Decay,
                    Damping = 0.5f,
                },
            (w, g) => Diagonal(w, g)
        ),
    };

    public static IEnumerable<object[]> NamesAndBackends =>
        from name in Rows.Keys
        from backend in TestBackends.Names
        select new object[] { name, backend };

    [Fact]
    public void Every_optimiser_has_a_row() =>
        Assert.Empty(EngineTypes.Of<Optimizer>().Except(Rows.Values.Select(row => row.Make().GetType())));

    [Theory]
    [MemberData(nameof(NamesAndBackends))]
    public void Many_steps_are_those_of_the_formula(string name, string backendName)
    {
        const int Count = 19;
        (Func<Optimizer> make, Func<double, double[], double> loop) = Rows[name];
        using Backend backend = TestBackends.Create(backendName);
        using Network network = NetworkBuilder.Start(1, 1, 1).Add(new Dense(Count) { Bias = false }).Build(7);
        using CompiledNetwork compiled = network.Compile(backend, 1, Phase.Training, make());
        double[] start = TensorValues.Read(network.Parameters[0].Value);
        var random = new Random(5);
        double[][] gradients = [.. Enumerable.Range(0, Steps).Select(_ => Fillers.Uniform.Draw(random, Count))];
        using Tensor one = TensorValues.Tensor(network.InputShape, backend.ElementType, 1);
        foreach (double[] gradient in gradients)
        {
            compiled.ZeroGradients();
            compiled.Forward(one);
            TensorValues.Write(gradient, compiled.OutputGradient);
            compiled.Backward();
            compiled.Update();
        }
        double[] expected = [.. start.Select((w, k) => loop(w, [.. gradients.Select(gradient => gradient[k])]))];
        Comparison.Close(expected, TensorValues.Read(compiled.Parameters[0].Value), new Tolerance(2e-6, 0), name);
    }

    private static Sgd MakeSgd(bool isNesterov) =>
        new()
        {
            LearningRate = (float)Rate,
            Momentum = (float)Momentum,
            WeightDecay = (float)Decay,
            IsNesterov = isNesterov,
        };

    private static Adam MakeAdam(bool isDecoupled) =>
        new()
        {
            LearningRate = (float)Rate,
            Beta1 = (float)Momentum,
            Beta2 = (float)Beta2,
            WeightDecay = (float)Decay,
            IsDecoupled = isDecoupled,
        };

    private static RmsProp MakeRmsProp(double momentum) =>
        new()
        {
            LearningRate = (float)Rate,
            Momentum = (float)momentum,
            WeightDecay = (float)Decay,
        };

    // torch.optim.SGD: buf = momentum * buf + grad; grad = grad + momentum * buf if nesterov else buf
    private static double Sgd(double w, double[] gradients, double momentum, bool isNesterov = false)
    {
        double buffer = 0;
        foreach (double g in gradients)
        {
            double d = g + Decay * w;
            buffer = momentum * buffer + d;
            w -= Rate * (isNesterov ? d + momentum * buffer : buffer);
        }
        return w;
    }

    // torch.optim.Adam and AdamW: denom = sqrt(v) / sqrt(1 - beta2^t) + eps; w -= lr / (1 - beta1^t) * m / denom
    private static double Adam(double w, double[] gradients, bool isDecoupled)
    {
        double m = 0;
        double v = 0;
        for (int t = 1; t <= gradients.Length; t++)
        {
            double d = isDecoupled ? gradients[t - 1] : gradients[t - 1] + Decay * w;
            w *= isDecoupled ? 1 - Rate * Decay : 1;
            m += (d - m) * (1 - Momentum);
            v = Beta2 * v + (1 - Beta2) * d * d;
            double denominator = Math.Sqrt(v) / Math.Sqrt(1 - Math.Pow(Beta2, t)) + 1e-8;
            w -= Rate / (1 - Math.Pow(Momentum, t)) * m / denominator;
        }
        return w;
    }

    // torch.optim.RMSprop: avg = sqrt(square_avg) + eps; buf = momentum * buf + grad / avg; w -= lr * buf
    private static double RmsProp(double w, double[] gradients, double momentum)
    {
        double square = 0;
        double buffer = 0;
        foreach (double g in gradients)
        {
            double d = g + Decay * w;
            square = 0.99 * square + 0.01 * d * d;
            buffer = momentum * buffer + d / (Math.Sqrt(square) + 1e-8);
            w -= Rate * buffer;
        }
        return w;
    }

    // torch.optim.Adagrad: state_sum += grad^2; w -= lr * grad / (sqrt(state_sum) + eps)
    private static double Adagrad(double w, double[] gradients)
    {
        double sum = 0;
        foreach (double g in gradients)
        {
            double d = g + Decay * w;
            sum += d * d;
            w -= Rate * d / (Math.Sqrt(sum) + 1e-10);
        }
        return w;
    }

    // Without an estimate of second derivatives they are 0: w -= lr / mu * (grad + decay * w)
    private static double Diagonal(double w, double[] gradients)
    {
        foreach (double g in gradients)
            w -= Rate / 0.5 * (g + Decay * w);
        return w;
    }
}
